import { describe, expect, test } from "vitest"
import { FairQueue } from "./fair-queue.ts"

function queueOf(...items: string[]): FairQueue<string> {
  const queue = new FairQueue<string>()
  for (const item of items) queue.push(item.slice(0, 1), item)
  return queue
}

function drained(queue: FairQueue<string>): string[] {
  return Array.from({ length: queue.size }, () => queue.shift() ?? "nothing")
}

describe("fair queue", () => {
  test("one share: first come, first served", () => {
    expect(drained(queueOf("a1", "a2", "a3"))).toEqual(["a1", "a2", "a3"])
  })

  test("several shares: one from each in turn, each in its own order", () => {
    expect(drained(queueOf("a1", "a2", "a3", "b1", "c1", "b2"))).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"])
  })

  test("says beforehand in which order it serves, and how many before a newcomer", () => {
    const queue = queueOf("a1", "a2", "a3", "b1")
    expect(queue.inOrder()).toEqual(["a1", "b1", "a2", "a3"])
    expect([queue.ahead("a"), queue.ahead("b"), queue.ahead("c")]).toEqual([4, 3, 2])
    expect(queue.peek()).toBe("a1")
    expect(drained(queue)).toEqual(["a1", "b1", "a2", "a3"])
  })

  test("who leaves is skipped, and cannot leave twice", () => {
    const queue = queueOf("a1", "a2", "b1")
    expect([queue.remove("a", "a1"), queue.remove("a", "a1"), queue.remove("c", "c1")]).toEqual([true, false, false])
    expect(drained(queue)).toEqual(["a2", "b1"])
    expect([queue.peek(), queue.shift(), queue.size]).toEqual([undefined, undefined, 0])
  })

  test("the last of a share who leaves takes its turn along", () => {
    const queue = queueOf("a1", "b1", "b2")
    queue.remove("a", "a1")
    expect([queue.peek(), queue.size]).toEqual(["b1", 2])
    queue.push("a", "a2")
    expect(drained(queue)).toEqual(["b1", "a2", "b2"])
  })

  test("room is made by the last of the longest line, for one whose line stays shorter", () => {
    const queue = queueOf("a1", "a2", "a3", "b1")
    expect(queue.displaced("c")).toBe("a3")
    expect(queue.displaced("b")).toBe("a3")
    expect(queue.displaced("a")).toBeUndefined()
    expect(queueOf("a1", "b1").displaced("b")).toBeUndefined()
    expect(queueOf("a1", "a2", "b1").displaced("b")).toBeUndefined()
    expect(queueOf("a1", "a2", "b1", "b2").displaced("c")).toBe("a2")
  })
})
