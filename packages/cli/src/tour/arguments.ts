import { readArguments, type Options } from "../command.ts"
import { parseDuration } from "../duration.ts"
import type { Surroundings } from "../surroundings.ts"
import { checkedUrl } from "../target-url.ts"
import { tokenFrom } from "../token.ts"
import { UsageError } from "../usage-error.ts"

export const tourOptions = {
  url: { type: "string", value: "URL", help: "makes the calls that change nothing against this API instead" },
  deadline: { type: "string", value: "DURATION", help: "with --url: for each call; default 20s" },
  "bearer-env": { type: "string", value: "NAME", help: "with --url: sends the token in the environment variable NAME" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

/** An API of the user's to make calls to. */
export interface RealApi {
  readonly url: string
  readonly token: string | undefined
  /** Milliseconds for each call. */
  readonly deadline: number
}

/** The API to tour; undefined for the example API. @throws UsageError naming the option and the fix. */
export function parseTour(args: readonly string[], env: Surroundings["env"]): RealApi | undefined {
  const { values, positionals } = readArguments("tour", tourOptions, args)
  if (positionals.length > 0) throw new UsageError(`tour takes no ${JSON.stringify(positionals[0])}; give --url URL`)
  const name = values["bearer-env"]
  if (values.url === undefined) {
    const idle = (["bearer-env", "deadline"] as const).find((option) => values[option] !== undefined)
    if (idle !== undefined) throw new UsageError(`--${idle} needs --url, the API that it is for`)
    return undefined
  }
  return {
    url: checkedUrl(values.url),
    token: name === undefined ? undefined : tokenFrom(env, name),
    deadline: parseDuration("--deadline", values.deadline ?? "20s"),
  }
}
