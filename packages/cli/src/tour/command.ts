import { readArguments, type Command, type Options } from "../command.ts"
import { parseDuration } from "../duration.ts"
import { EXIT } from "../exit-codes.ts"
import { Storyteller } from "../storyteller.ts"
import type { Surroundings } from "../surroundings.ts"
import { checkedUrl } from "../target-url.ts"
import { tokenFrom } from "../token.ts"
import { UsageError } from "../usage-error.ts"
import { setStage } from "./ground.ts"
import { Guide } from "./guide.ts"
import { tourRealApi } from "./real-api.ts"
import { STORY_LAYOUT } from "./show.ts"
import { mismatches, sourceOf, type Ground, type Stop } from "./stop.ts"
import { STOPS } from "./stops.ts"

const options = {
  url: { type: "string", value: "URL", help: "makes the calls that change nothing against this API instead" },
  deadline: { type: "string", value: "DURATION", help: "with --url: for each call; default 20s" },
  "bearer-env": { type: "string", value: "NAME", help: "with --url: sends the token in the environment variable NAME" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

export const tourCommand: Command = {
  name: "tour",
  summary:
    "Starts an example API on this machine and makes one call of every kind in the contract, showing what came, what the client did and why. It needs no network.",
  usage: "[--url URL [OPTIONS]]",
  options,
  examples: [
    ["everything, in a few seconds", "steadfetch tour"],
    ["against an API of yours: GET and HEAD only", "steadfetch tour --url https://api.example.com/users"],
  ],
  notes: ["It exits with 0 only when each call ended as the contract says, and with 1 when one did not."],
  run: tour,
}

async function tour(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { values, positionals } = readArguments("tour", options, args)
  if (positionals.length > 0) throw new UsageError(`tour takes no ${JSON.stringify(positionals[0])}; give --url URL`)
  const name = values["bearer-env"]
  if (values.url === undefined) {
    const idle = (["bearer-env", "deadline"] as const).find((option) => values[option] !== undefined)
    if (idle !== undefined) throw new UsageError(`--${idle} needs --url, the API that it is for`)
    return tourExampleApi(surroundings)
  }
  const token = name === undefined ? undefined : tokenFrom(surroundings.env, name)
  const deadline = parseDuration("--deadline", values.deadline ?? "20s")
  return tourRealApi(checkedUrl(values.url), { token, deadline }, surroundings)
}

async function tourExampleApi({ stdout, interrupted }: Surroundings): Promise<number> {
  const stage = await setStage(new Storyteller(stdout, STORY_LAYOUT).listeners, interrupted)
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
