import { meetingPlace, pageKey, Programs, servePage } from "@steadfetch/watch"
import { readArguments, type Command, type Options } from "../command.ts"
import { oneLine } from "../paint.ts"
import { EXIT } from "../exit-codes.ts"
import { parseCount } from "../numbers.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"

const watchOptions = {
  port: {
    type: "string",
    short: "p",
    value: "NUMBER",
    help: "where the page is; default 8482, 0 for one that is free",
  },
  directory: {
    type: "string",
    value: "PATH",
    help: "where the programs are found; default: where watch(api) puts them",
  },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

export const watchCommand: Command = {
  name: "watch",
  summary: "Shows the calls of programs on this machine in the browser, live: every attempt, wait and reason.",
  usage: "[OPTIONS]",
  options: watchOptions,
  examples: [["open the address that it prints", "steadfetch watch"]],
  notes: [
    "A program takes part with one line:",
    '  import { watch } from "@steadfetch/watch"\n  watch(api)',
    "It can be started before or after this command. The page is for you alone: its address holds a key, and stays the same. A gateway has a page of its own, at /-/watch on its admin port.",
  ],
  run: watch,
}

async function watch(args: readonly string[], { env, stdout, stderr, interrupted }: Surroundings): Promise<number> {
  const { values, positionals } = readArguments("watch", watchOptions, args)
  if (positionals.length > 0) {
    throw new UsageError(`watch takes no ${JSON.stringify(positionals[0])}; it finds the programs itself`)
  }
  const { directory = meetingPlace(env) } = values
  const port = parseCount("--port", values.port ?? "8482", 0, 65_535)
  using programs = new Programs(directory, ({ name, isRunning }) => {
    const who = oneLine(name)
    stderr.line(isRunning ? `watching ${who}` : stderr.paint("dim", `${who} has ended`))
  })
  await using server = await servePage(() => programs.list, { port, key: pageKey(directory) })
  stdout.line(server.url)
  stderr.line(stderr.paint("dim", "waiting for programs that call watch(api); Ctrl-C ends it"))
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve()
    interrupted.addEventListener("abort", () => resolve(), { once: true })
  })
  return EXIT.success
}
