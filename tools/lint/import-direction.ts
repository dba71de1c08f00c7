import { matchesGlob, posix } from "node:path"
import { directions } from "./import-directions.ts"

const matchesOne = (target: string, globs: readonly string[]): boolean =>
  globs.some((glob) => matchesGlob(target, glob))

/** What a specifier names, seen from a file: a path in the repository, or `npm/NAME` for a package or a builtin. */
function resolveTarget(file: string, specifier: string): string {
  return specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : `npm/${specifier}`
}

/** The reason why `file` (relative to the repository) may not import `specifier`, or undefined when it may. */
export function refusal(file: string, specifier: string): string | undefined {
  if (/\.test(-d)?\.ts$/.test(file)) return undefined
  const direction = directions.find(({ from }) => matchesGlob(file, from))
  if (direction === undefined) return undefined
  const target = resolveTarget(file, specifier)
  const allowed = matchesOne(target, direction.may) && !matchesOne(target, direction.mayNot ?? [])
  return allowed
    ? undefined
    : `${file} may not import ${specifier}: ${direction.because} (tools/lint/import-directions.ts)`
}
