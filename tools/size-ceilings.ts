/** What an entry may weigh and what must not come along with it. */
export interface SizeCeiling {
  readonly entry: string
  readonly code: string
  /** Minified and gzipped, in bytes. */
  readonly ceilingBytes: number
  /** Files of packages/core/src whose code must not be in the result. */
  readonly without: readonly string[]
}

export const sizeCeilings: readonly SizeCeiling[] = [
  {
    entry: "client with the standard preset",
    code: 'export { steadfetch } from "steadfetch"',
    ceilingBytes: 17_450,
    without: [],
  },
  {
    entry: "drop-in fetch",
    code: 'export { createFetch } from "steadfetch"',
    ceilingBytes: 7_700,
    without: ["client.ts", "errors.ts", "problem.ts"],
  },
]
