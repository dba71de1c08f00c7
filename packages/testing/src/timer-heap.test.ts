import { array, assert, constant, integer, nat, oneof, property, record } from "fast-check"
import { expect, test } from "vitest"
import { TimerHeap, type Timer } from "./timer-heap.ts"

test("whatever was set and called off, the rest comes by time and then in the order in which it was set", () => {
  const step = oneof(
    record({ set: integer({ min: 0, max: 20 }) }),
    record({ callOff: nat() }),
    constant("take" as const),
  )
  assert(
    property(array(step, { maxLength: 200 }), (steps) => {
      const heap = new TimerHeap()
      // A plain list, sorted anew whenever it is asked.
      let list: Timer[] = []
      const first = (): Timer | undefined => list.toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order)[0]
      const remove = (timer: Timer): void => {
        heap.remove(timer)
        list = list.filter((other) => other !== timer)
      }
      const everSet: Timer[] = []
      for (const step of steps) {
        if (step === "take") {
          if (heap.first !== undefined) remove(heap.first)
        } else if ("set" in step) {
          const timer = heap.add(step.set, () => {})
          list.push(timer)
          everSet.push(timer)
        } else {
          // Perhaps one that is gone: that changes nothing.
          const timer = everSet[step.callOff % Math.max(1, everSet.length)]
          if (timer !== undefined) remove(timer)
        }
        expect([heap.first, heap.size]).toEqual([first(), list.length])
      }
    }),
  )
})
