import { expectTypeOf, test } from "vitest"
import { bearer, failover, gentle, standard, type EndpointStatus, type Policy } from "../index.ts"

test("endpoints are URLs, or say what is their own", () => {
  const policy = failover({
    endpoints: [
      "https://eu.test",
      new URL("https://us.test"),
      { url: "https://ap.test", auth: bearer("token"), headers: { "x-region": "ap" } },
    ],
    prefer: "fastest",
  })
  expectTypeOf(policy).toExtend<Policy>()
  expectTypeOf(policy.health()).toEqualTypeOf<EndpointStatus[]>()
  expectTypeOf<EndpointStatus["state"]>().toEqualTypeOf<"admitted" | "resting" | "ejected">()
  expectTypeOf(gentle({ add: [policy] })).toEqualTypeOf<Policy[]>()
  expectTypeOf(standard({ add: [policy] })).toEqualTypeOf<Policy[]>()
})

test("what cannot work is an error", () => {
  // @ts-expect-error without endpoints there is nowhere to go
  expectTypeOf(failover).toBeCallableWith({})
  // @ts-expect-error an order of preference, or the better of two
  expectTypeOf(failover).toBeCallableWith({ endpoints: [], prefer: "random" })
  // @ts-expect-error credentials are bearer(), basic() or apiKey()
  expectTypeOf(failover).toBeCallableWith({ endpoints: [{ url: "https://eu.test", auth: "token" }] })
})
