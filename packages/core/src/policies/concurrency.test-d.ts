import { expectTypeOf, test } from "vitest"
import { concurrency, type ConcurrencyUsage, type Policy } from "../index.ts"

test("a limit is a number or is found, never both and never neither", () => {
  expectTypeOf(concurrency({ limit: 10, queue: { size: 0 } })).toExtend<Policy>()
  expectTypeOf(concurrency({ limit: 10, adaptive: false })).toExtend<Policy>()
  expectTypeOf(concurrency({ adaptive: { max: 50 }, key: ({ url }) => url })).toExtend<Policy>()
  // @ts-expect-error There is no limit without either.
  concurrency({})
  // @ts-expect-error Which of the two would hold?
  concurrency({ limit: 10, adaptive: true })
  // @ts-expect-error There are two orders.
  concurrency({ limit: 10, queue: { order: "random" } })
})

test("what is in use is there to be looked at", () => {
  const usage = concurrency({ adaptive: true }).usage("https://api.example.com")
  expectTypeOf(usage).toEqualTypeOf<ConcurrencyUsage>()
  // @ts-expect-error And not to be set.
  usage.inFlight = 0
})
