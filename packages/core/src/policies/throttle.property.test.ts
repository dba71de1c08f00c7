import { rehearse } from "@steadfetch/testing"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { throttle, type CallOutcome } from "../index.ts"

/** One call: when it begins, what the server does, and when its caller gives up. */
const scene = (answers: readonly (number | "reset" | "hang")[]) =>
  fc.record({
    atMs: fc.nat(60_000),
    answer: fc.constantFrom(...answers),
    delayMs: fc.oneof(fc.constant(0), fc.nat(4000)),
    abortAfterMs: fc.option(fc.nat(3000), { nil: undefined, freq: 2 }),
  })

type Scene = ReturnType<typeof scene> extends fc.Arbitrary<infer T> ? T : never

const options = fc.record({
  perAccept: fc.constantFrom(1, 1.5, 2, 3),
  windowMs: fc.constantFrom(1000, 10_000, 30_000),
  maxRejection: fc.constantFrom(0, 0.5, 0.9, 0.99),
  minAttempts: fc.nat(20),
})

type Options = typeof options extends fc.Arbitrary<infer T> ? T : never

interface Play {
  readonly outcomes: readonly (CallOutcome | undefined)[]
  readonly rejections: number
  /** Timers that are left. */
  readonly pending: number
  /** How many of so many calls are rejected when a window has passed without any. */
  readonly laterRejections: (calls: number) => Promise<number>
}

const isRejection = (outcome: CallOutcome | undefined): boolean =>
  outcome?.kind === "no-reply" && outcome.error.code === "rejected"

async function play(seed: number, given: Options, scenes: readonly Scene[]): Promise<Play> {
  const { api, server, clock, run } = rehearse({ seed, retry: false, deadline: 10_000, add: [throttle(given)] })
  for (const { answer, delayMs } of scenes) {
    if (answer === "hang") server.hangs()
    else if (answer === "reset") server.fails(answer, { delayMs })
    else server.replies(answer, { delayMs })
  }
  const outcomes: (CallOutcome | undefined)[] = []
  for (const { atMs, abortAfterMs } of scenes) {
    const controller = new AbortController()
    const note = (outcome?: CallOutcome): unknown => outcomes.push(outcome)
    clock.after(
      atMs,
      () =>
        void api
          .get("/", { signal: controller.signal })
          .outcome()
          .then(note, () => note()),
    )
    if (abortAfterMs !== undefined) clock.after(atMs + abortAfterMs, () => controller.abort())
  }
  await clock.advance(75_000)
  const laterRejections = async (calls: number): Promise<number> => {
    await clock.advance(given.windowMs)
    server.otherwise.replies(503)
    let count = 0
    for (let call = 0; call < calls; call++) if (isRejection(await run(api.get("/").outcome()))) count++
    return count
  }
  return { outcomes, rejections: outcomes.filter(isRejection).length, pending: clock.pending, laterRejections }
}

function forAll(answers: Parameters<typeof scene>[0], claim: (played: Play, given: Options) => Promise<void> | void) {
  const scenes = fc.array(scene(answers), { minLength: 1, maxLength: 80 })
  return fc.assert(
    fc.asyncProperty(fc.integer(), options, scenes, async (seed, given, scenes) => {
      const played = await play(seed, given, scenes)
      expect([played.outcomes.length, played.pending]).toEqual([scenes.length, 0])
      await claim(played, given)
    }),
    { numRuns: 150 },
  )
}

test("nothing is rejected while nothing fails, however slow it is and whatever callers abort", () =>
  forAll([200, 201, 304, 404, 409], ({ rejections }) => {
    expect(rejections).toBe(0)
  }))

test("no rejection is told as anything else, and none happens where the bound is 0", () =>
  forAll([200, 404, 429, 500, 503, "reset", "hang"], ({ outcomes, rejections }, { maxRejection }) => {
    const unsent = outcomes.filter((outcome) => outcome?.attempts.length === 0).length
    expect(unsent).toBe(rejections)
    expect(maxRejection > 0 || rejections === 0).toBe(true)
  }))

test("an idle window later all is forgotten", () =>
  forAll([503, "reset", "hang"], async ({ laterRejections }, { minAttempts }) => {
    expect(await laterRejections(Math.max(1, minAttempts))).toBe(0)
  }))
