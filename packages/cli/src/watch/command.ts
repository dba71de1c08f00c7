import type { Command } from "../command.ts"
import { parseWatch, watchOptions } from "./arguments.ts"

export const watchCommand: Command = {
  name: "watch",
  summary: "Shows the calls of programs on this machine in the browser, live: every attempt, wait and reason.",
  usage: "[OPTIONS]",
  options: watchOptions,
  examples: [
    ["open the address that it prints", "steadfetch watch"],
    ["at a port that is free", "steadfetch watch --port 0"],
    ["with the outbox that a program has in a file", "steadfetch watch --outbox outbox.db"],
  ],
  notes: [
    "A program takes part with one line:",
    '  import { watch } from "@steadfetch/watch"\n  watch(api)',
    "It can be started before or after this command. The page is for you alone: its address holds a key, and stays the same. A gateway has a page of its own, at /-/watch on its admin port.",
  ],
  parse: parseWatch,
  run: async (args, surroundings) =>
    (await import("./watch.ts")).watch(parseWatch(args, surroundings.env), surroundings),
}
