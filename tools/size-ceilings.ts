/** What an entry may weigh and what must not come along with it. */
export interface SizeCeiling {
  readonly entry: string
  readonly code: string
  /** What it is measured beyond: only what comes on top of this counts. */
  readonly beyond?: string
  /** Minified and gzipped, in bytes. */
  readonly ceilingBytes: number
  /** Files of packages/core/src whose code must not be in the result. */
  readonly without: readonly string[]
}

const client = 'export { steadfetch } from "steadfetch"'

/** What one more import adds for who has the client already. */
function added(name: string, ceilingBytes: number, from = "steadfetch"): SizeCeiling {
  const code = `${client}; export { ${name} } from "${from}"`
  return { entry: `${name}(), beside the client`, code, beyond: client, ceilingBytes, without: [] }
}

/** What a style of paging adds for who has the ability already. */
function pagingStyle(name: string, ceilingBytes: number): SizeCeiling {
  const beyond = `${client}; export { pagingBy } from "steadfetch"`
  const code = `${beyond}; export { ${name} } from "steadfetch"`
  return { entry: `${name}(), beside pagingBy`, code, beyond, ceilingBytes, without: [] }
}

export const sizeCeilings: readonly SizeCeiling[] = [
  {
    entry: "client with the standard preset",
    code: client,
    ceilingBytes: 18_750,
    without: ["breaker", "throttle", "concurrency", "pace", "hedge", "failover", "coalesce", "fallback", "chaos"].map(
      (policy) => `policies/${policy}.ts`,
    ),
  },
  {
    entry: "drop-in fetch",
    code: 'export { createFetch } from "steadfetch"',
    ceilingBytes: 7_830,
    without: ["client.ts", "errors.ts", "problem.ts"],
  },
  added("breaker", 2_620),
  added("throttle", 1_060),
  added("concurrency", 2_830),
  added("pace", 5_670),
  added("hedge", 2_210),
  added("failover", 4_200),
  added("coalesce", 840),
  added("fallback", 1_130),
  added("chaos", 2_010),
  added("eventStreams", 2_600),
  added("lineStreams", 1_240),
  added("gentle", 9_010),
  added("lowLatency", 2_320),
  added("uploads", 4_460),
  added("all", 1_085),
  added("polling", 2_970),
  added("downloads", 4_550),
  added("cache", 7_590, "@steadfetch/cache"),
  added("paging", 5_780),
  { ...added("pagingBy", 2_810), without: ["abilities/parts/paging/paging-detection.ts", "algorithms/web-links.ts"] },
  pagingStyle("byLink", 470),
  pagingStyle("byNextUrl", 140),
  pagingStyle("byCursor", 595),
  pagingStyle("byPage", 675),
  pagingStyle("byOffset", 675),
  added("openapi", 2_870, "@steadfetch/openapi"),
  added("telemetry", 6_450, "@steadfetch/telemetry"),
]
