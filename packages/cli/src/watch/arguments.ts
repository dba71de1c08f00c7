import { readArguments, type Options } from "../command.ts"
import { parseCount } from "../numbers.ts"
import { parseKey, placeOf } from "../outbox/place.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"

export const watchOptions = {
  port: {
    type: "string",
    short: "p",
    value: "NUMBER",
    help: "the port of the page; default 8482, 0 for one that is free",
  },
  directory: {
    type: "string",
    value: "PATH",
    help: "where the programs are found; default where watch(api) puts them",
  },
  outbox: {
    type: "string",
    value: "FILE|URL",
    help: "an outbox whose entries are shown and can be changed on the page: a SQLite file, postgres://…, redis://…",
  },
  "outbox-key-env": {
    type: "string",
    value: "NAME",
    help: "decrypts it with the 32 bytes, in base64 or hex, in the environment variable NAME",
  },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

export type WatchTask = ReturnType<typeof parseWatch>

/** The checked arguments of `steadfetch watch`. @throws UsageError naming the option and the fix. */
export function parseWatch(args: readonly string[], env: Surroundings["env"]) {
  const { values, positionals } = readArguments("watch", watchOptions, args)
  if (positionals.length > 0) {
    throw new UsageError(`watch takes no ${JSON.stringify(positionals[0])}; it finds the programs itself`)
  }
  const { outbox, "outbox-key-env": keyEnv } = values
  if (keyEnv !== undefined && outbox === undefined)
    throw new UsageError("--outbox-key-env has no effect without --outbox; name the outbox")
  return {
    port: parseCount("--port", values.port ?? "8482", 0, 65_535),
    directory: values.directory,
    place: outbox === undefined ? undefined : placeOf("--outbox", outbox, true),
    encryption: keyEnv === undefined ? undefined : { key: parseKey("--outbox-key-env", keyEnv, env) },
  }
}
