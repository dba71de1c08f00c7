import type { Options } from "./command.ts"
import { entry, exampleLines, optionLines, wrapped } from "./help.ts"
import type { Paint } from "./paint.ts"

const COLUMN = 14

/** What can stand in place of a command. */
export const PROGRAM_OPTIONS = {
  help: { type: "boolean", short: "h", help: "this help; after a command, that of the command" },
  version: { type: "boolean", short: "v", help: "the version" },
} as const satisfies Options

export const OVERVIEW_EXAMPLES = [
  ["what it does about every kind of answer", "steadfetch tour"],
  ["one call, and the story of its attempts", "steadfetch call https://api.example.com/users/7"],
  ["a file, however often the connection breaks", "steadfetch download https://example.com/exports/2026.csv"],
  ["a server that fails twice, to try clients out", "steadfetch flaky --status 503 --times 2"],
  ["for programs in any language", "steadfetch gateway --upstream https://api.example.com"],
] as const

const EXIT_CODES = [
  ["0", "success"],
  ["1", "not as it should be: a digest, a call of a batch, replay, bench or tour, a generated file"],
  ["2", "bad usage"],
  ["4", "client error (4xx): correct the request"],
  ["5", "server error (5xx), after all retries"],
  ["7", "no reply"],
  ["130", "interrupted"],
] as const

/** The help of the program. */
export function overview(commands: Readonly<Record<string, { readonly summary: string }>>, paint: Paint): string {
  return [
    ...wrapped(
      "steadfetch calls HTTP APIs the way their documentation asks: a 4xx is corrected, a 5xx is retried, safely.",
      0,
    ),
    "",
    `${paint("bold", "Usage:")} steadfetch COMMAND [ARGUMENTS]`,
    "",
    paint("bold", "Commands:"),
    ...Object.entries(commands).flatMap(([name, { summary }]) => entry(`  ${name}`, summary, COLUMN)),
    "",
    paint("bold", "Options:"),
    ...optionLines(PROGRAM_OPTIONS),
    "",
    paint("bold", "Examples:"),
    ...exampleLines(OVERVIEW_EXAMPLES, paint),
    "",
    paint("bold", "Exit codes:"),
    ...EXIT_CODES.flatMap(([code, meaning]) => entry(`  ${code}`, meaning, 7)),
    "",
    "NO_COLOR and FORCE_COLOR decide about colours.",
    "",
  ].join("\n")
}
