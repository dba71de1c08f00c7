import { expect, test } from "vitest"
import { singleFlight } from "./single-flight.ts"

/** A task whose runs are counted and settled by the test. */
function controlled() {
  const runs: PromiseWithResolvers<string>[] = []
  const ask = singleFlight(() => {
    const run = Promise.withResolvers<string>()
    runs.push(run)
    return run.promise
  })
  return { runs, ask }
}

test("all who ask while a run is under way get its value", async () => {
  const { runs, ask } = controlled()
  const asked = [ask(), ask(), ask()]
  runs[0]?.resolve("one")
  expect(await Promise.all(asked)).toEqual(["one", "one", "one"])
  expect(runs).toHaveLength(1)
})

test("who asks after the run is over starts another one", async () => {
  const { runs, ask } = controlled()
  const first = ask()
  runs[0]?.resolve("one")
  await first
  const second = ask()
  runs[1]?.resolve("two")
  expect(await second).toBe("two")
})

test("a failure reaches all who wait, and the next to ask starts anew", async () => {
  const { runs, ask } = controlled()
  const asked = [ask(), ask()]
  const broken = new Error("no token")
  runs[0]?.reject(broken)
  expect(await Promise.allSettled(asked)).toEqual([
    { status: "rejected", reason: broken },
    { status: "rejected", reason: broken },
  ])
  const next = ask()
  runs[1]?.resolve("two")
  expect(await next).toBe("two")
})

test("a task that throws before it returns does not block the next run", async () => {
  let runs = 0
  const ask = singleFlight(() => {
    if (++runs === 1) throw new Error("not ready")
    return Promise.resolve("ready")
  })
  expect(ask).toThrow("not ready")
  expect(await ask()).toBe("ready")
})
