/** Which files may import what. Paths are relative to the repository; a package is written `npm/NAME`. */
export interface Direction {
  readonly from: string
  readonly may: readonly string[]
  readonly mayNot?: readonly string[]
  readonly because: string
}

const core = (...names: string[]): string[] => names.map((name) => `packages/core/src/${name}`)

/** The files that put a product together from the parts, and so may import policies. */
const frontDoors = core("index.ts", "steadfetch.ts", "create-fetch.ts")

/** What users hold in their hands: everything below knows nothing of it. */
const clients = core("call.ts", "client.ts", "fetch.ts")

/** Core's, seen from other packages. */
const innerFiles = [...core("**"), "npm/steadfetch/**"]

/** The stores of the outbox. */
const outboxStores = "packages/outbox/src/{sqlite,postgres,redis}/**"

/** For every file the first row whose `from` matches holds; `mayNot` wins over `may`. Tests are not bound. */
export const directions: readonly Direction[] = [
  {
    from: "packages/core/src/algorithms/**",
    may: core("algorithms/**"),
    because: "algorithms are pure and import nothing but each other",
  },
  {
    from: "packages/core/src/policies/**",
    may: core("*.ts", "algorithms/**", "policies/parts/**"),
    mayNot: [...frontDoors, ...clients, ...core("system-clock.ts")],
    because:
      "a policy imports core's vocabulary, algorithms and parts, never another policy, a preset, a client or a package",
  },
  {
    from: "packages/core/src/presets/**",
    may: core("**"),
    mayNot: [...frontDoors, ...clients],
    because: "a preset is a list of policies and knows no client, no web objects and no package",
  },
  {
    from: "packages/core/src/abilities/**",
    may: core("*.ts", "algorithms/**", "abilities/parts/**"),
    mayNot: [...frontDoors, ...core("client.ts", "fetch.ts", "system-clock.ts")],
    because:
      "an ability imports calls, core's vocabulary, algorithms and parts, never another ability, a client or a package",
  },
  ...frontDoors.map((from) => ({
    from,
    may: core("**"),
    mayNot: core("index.ts"),
    because: "core has no dependencies, and nothing imports its public entry from inside",
  })),
  {
    from: "packages/core/src/*.ts",
    may: core("*.ts", "algorithms/**"),
    mayNot: frontDoors,
    because:
      "only presets/, steadfetch.ts and create-fetch.ts import policies; core imports no front doors and no packages",
  },
  {
    from: "packages/node/src/**",
    may: ["packages/node/src/**", "npm/steadfetch", "npm/undici", "npm/node:*", "npm/node:*/**"],
    because: "@steadfetch/node imports its own files, the public entry of steadfetch, undici and Node",
  },
  {
    from: "packages/cache/src/**",
    may: ["packages/cache/src/**", "npm/steadfetch", "npm/http-cache-semantics"],
    because: "@steadfetch/cache imports its own files, the public entry of steadfetch and the semantics of HTTP caches",
  },
  {
    from: "packages/telemetry/src/observed.ts",
    may: ["npm/@opentelemetry/*"],
    because: "what the tests of @steadfetch/telemetry observe is OpenTelemetry's own SDK",
  },
  {
    from: "packages/telemetry/src/**",
    may: [
      "packages/telemetry/src/**",
      "npm/steadfetch",
      "npm/@opentelemetry/api",
      "npm/@opentelemetry/semantic-conventions",
    ],
    mayNot: ["packages/telemetry/src/observed.ts"],
    because:
      "@steadfetch/telemetry imports its own files, the public entry of steadfetch and OpenTelemetry's API, never its SDK",
  },
  {
    from: "packages/watch/src/{har,latencies,picture,story}.ts",
    may: ["packages/watch/src/{latencies,picture,story}.ts", "npm/steadfetch"],
    because: "what the page shares with Node runs in browsers",
  },
  {
    from: "packages/watch/src/outbox/{messages,watched-outbox}.ts",
    may: ["packages/watch/src/outbox/{messages,watched-outbox}.ts"],
    because: "what the page shares with Node runs in browsers",
  },
  {
    from: "packages/watch/src/**",
    may: ["packages/watch/src/**", "npm/steadfetch", "npm/node:*", "npm/node:*/**"],
    because: "@steadfetch/watch imports its own files, the public entry of steadfetch and Node",
  },
  {
    from: "packages/outbox/src/{test-*.ts,store-contract/**}",
    may: ["packages/outbox/src/**", "npm/**"],
    mayNot: innerFiles,
    because: "what the tests of @steadfetch/outbox are made of imports what tests import",
  },
  {
    from: outboxStores,
    may: ["packages/outbox/src/{entry,errors,store}.ts", outboxStores, "npm/**"],
    mayNot: [...innerFiles, "npm/@steadfetch/**"],
    because: "a store knows no HTTP: it imports its own files and what an outbox needs of a store",
  },
  {
    from: "packages/outbox/src/index.ts",
    may: ["packages/outbox/src/**"],
    because: "the public names of @steadfetch/outbox, and nothing else",
  },
  {
    from: "packages/outbox/src/**",
    may: ["packages/outbox/src/**", "npm/steadfetch", "npm/node:*", "npm/node:*/**"],
    mayNot: [outboxStores],
    because: "an outbox works over any store: only its entry points know which there are",
  },
  {
    from: "packages/testing/src/**",
    may: ["packages/testing/src/**", "npm/**"],
    mayNot: [...innerFiles, "npm/@steadfetch/**"],
    because: "@steadfetch/testing imports its own files and the public entry of steadfetch",
  },
  {
    from: "packages/cli/src/**",
    may: ["packages/cli/src/**", "npm/**"],
    mayNot: [...innerFiles, "npm/@steadfetch/testing"],
    because: "outside tests the command line takes only the fault server from @steadfetch/testing, and no inner files",
  },
  {
    from: "packages/*/src/**",
    may: ["packages/*/src/**", "npm/**"],
    mayNot: [...innerFiles, "npm/@steadfetch/testing", "npm/@steadfetch/testing/**"],
    because: "packages use core's public entry alone, and @steadfetch/testing is for tests",
  },
  {
    from: "examples/**",
    may: ["examples/**", "npm/**"],
    mayNot: [...innerFiles, "npm/@steadfetch/testing", "npm/@steadfetch/testing/**"],
    because: "an example uses what a user could use, and @steadfetch/testing is for tests",
  },
  {
    from: "tools/**",
    may: ["tools/**", "npm/**"],
    mayNot: ["npm/steadfetch", "npm/@steadfetch/**"],
    because: "tools look at the packages from outside",
  },
]
