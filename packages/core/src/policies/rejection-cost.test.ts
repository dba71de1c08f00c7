import { seededRandom, testRuntime } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { breaker, steadfetch, throttle, type Outcome, type Policy } from "../index.ts"
import { WholeBody } from "../reply-body.ts"

/**
 * Twenty calls per second for two minutes, to a server of which this share of the replies is a 503, by chance.
 * @returns Percent of calls that succeed, and attempts per hundred calls.
 */
async function measure(failing: number, add: readonly Policy[]): Promise<readonly [number, number]> {
  const runtime = testRuntime()
  const random = seededRandom(7)
  const [calls, everyMs] = [2400, 50]
  let [attempts, successes] = [0, 0]
  const send = async (): Promise<Outcome> => {
    attempts++
    const status = random() < failing ? 503 : 200
    return { kind: "reply", status, url: undefined, headers: new Headers(), body: new WholeBody(new Uint8Array()) }
  }
  const api = steadfetch({ baseUrl: "https://api.test", transport: { send, close: async () => {} }, runtime, add })
  const call = async (): Promise<void> => {
    if ((await api.get("/").outcome()).kind === "success") successes++
  }
  for (let begun = 0; begun < calls; begun++) runtime.clock.after(begun * everyMs, () => void call())
  await runtime.clock.advance(calls * everyMs + 60_000)
  return [(successes / calls) * 100, (attempts / calls) * 100]
}

const nothing = { of: "nothing", make: (): Policy[] => [] }
const usualBreaker = { of: "breaker()", make: () => [breaker()] }
const nervousBreaker = { of: "breaker({ failureRatio: 0.1 })", make: () => [breaker({ failureRatio: 0.1 })] }
const usualThrottle = { of: "throttle()", make: () => [throttle()] }

// The table of docs/policies/breaker.md and throttle.md. Near a policy's threshold luck decides, so there are no such rows.
test.each([
  { failing: 10, added: nothing, successes: 100, attempts: 111 },
  { failing: 10, added: usualBreaker, successes: 100, attempts: 111 },
  { failing: 10, added: nervousBreaker, successes: 40, attempts: 44 },
  { failing: 10, added: usualThrottle, successes: 100, attempts: 111 },
  { failing: 30, added: nothing, successes: 79, attempts: 113 },
  { failing: 30, added: usualBreaker, successes: 77, attempts: 109 },
  { failing: 30, added: usualThrottle, successes: 79, attempts: 113 },
  { failing: 70, added: nothing, successes: 31, attempts: 105 },
  { failing: 70, added: usualBreaker, successes: 1, attempts: 3 },
  { failing: 70, added: usualThrottle, successes: 4, attempts: 11 },
])("with $added.of added and $failing % failing, $successes % succeed", async ({ failing, added, ...expected }) => {
  const [successes, attempts] = await measure(failing / 100, added.make())
  const tolerance = added === nervousBreaker ? 10 : 4
  expect(Math.abs(successes - expected.successes)).toBeLessThanOrEqual(tolerance)
  expect(Math.abs(attempts - expected.attempts)).toBeLessThanOrEqual(tolerance)
})
