import { EXIT } from "../exit-codes.ts"
import { Storyteller } from "../storyteller.ts"
import type { Surroundings } from "../surroundings.ts"
import type { RealApi } from "./arguments.ts"
import { setStage } from "./ground.ts"
import { Guide } from "./guide.ts"
import { tourRealApi } from "./real-api.ts"
import { STORY_LAYOUT } from "./show.ts"
import { mismatches, sourceOf, type Ground, type Stop } from "./stop.ts"
import { STOPS } from "./stops.ts"

/** Tours the API that is given, or the example API. Resolves to the exit code. */
export function tour(real: RealApi | undefined, surroundings: Surroundings): Promise<number> {
  return real === undefined ? tourExampleApi(surroundings) : tourRealApi(real, surroundings)
}

async function tourExampleApi({ stdout, clock, interrupted }: Surroundings): Promise<number> {
  const story = new Storyteller(stdout, clock, STORY_LAYOUT)
  const stage = await setStage(story.listeners, interrupted)
  try {
    const { paint } = stdout
    stdout.line(
      `An API of orders runs on this machine. Every call below is real: made by this client, with its defaults.`,
    )
    stdout.line("")
    stdout.line(`    ${paint("cyan", `const api = steadfetch({ baseUrl: "${stage.origin}", auth: bearer(token) })`)}`)
    const guide = new Guide(stdout)
    for (const [index, stop] of STOPS.entries()) {
      // Nobody reads on.
      if (stdout.abandoned.aborted) return EXIT.success
      await visit(stop, index, stage.ground, guide)
    }
    return guide.sumUp() ? EXIT.success : EXIT.mismatch
  } finally {
    story.end()
    await stage.close()
  }
}

async function visit(stop: Stop, index: number, usual: Ground, guide: Guide): Promise<void> {
  const { trouble, proof } = stop
  // The id makes the API count the trouble of this stop by itself.
  const headers = trouble === undefined ? {} : { trouble: `${trouble.field};id=stop-${index}` }
  const ground = { ...usual, api: usual.api.extend({ headers }) }
  await guide.show({
    title: stop.title,
    source: sourceOf(stop.call),
    asked: trouble?.words,
    call: () => stop.call(ground),
    check: async (outcome) => {
      const wrong = await proof?.(outcome, usual)
      return [...mismatches(stop, outcome), ...(wrong === undefined ? [] : [wrong])]
    },
    lesson: stop.lesson,
  })
}
