import { defineConfig } from "oxlint"

const tests = ["**/*.test.ts", "**/*.test-d.ts", "e2e/**", "packages/outbox/src/store-contract/**"]

interface Refused {
  name: string
  message: string
}

/** Web classes cost tens of microseconds each: they are made where fetch is. Naming their types is free. */
const webClasses = ["fetch", "Request", "Response", "Headers", "AbortController"].map((name) => ({
  name,
  message: "Only the files of fetch in packages/core/src use web objects: use Outgoing, Reply and Cancellation.",
}))

const timers = ["setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "performance"].map(
  (name) => ({
    name,
    message: "Only packages/core/src/system-clock.ts uses timers: take them from runtime.clock.",
  }),
)

const randomness = [{ name: "crypto", message: "Only packages/core/src/runtime.ts is random: use runtime.random." }]

const clockProperties = [
  { object: "Date", property: "now", message: "Take the time from runtime.clock.now()." },
  {
    object: "AbortSignal",
    property: "any",
    message: "Use Cancellation: AbortSignal.any costs microseconds and leaks.",
  },
  { object: "AbortSignal", property: "timeout", message: "Take timers from runtime.clock." },
]

const randomProperties = [{ object: "Math", property: "random", message: "Use runtime.random." }]

const neverSleep = "A test never sleeps: wait for the event, or use a virtual clock."

/** What a test must not do to the world it shares with other tests. */
const patchesGlobals = {
  stubGlobal: "Hand the replacement in as an option.",
  stubEnv: "Hand the environment in as an option.",
  useFakeTimers: "Hand in a virtual clock.",
  mock: "Hand the replacement in as an option.",
}

/** Refuses these globals, also when they are reached through globalThis. */
function globals(...groups: Refused[][]): ["error", { globals: Refused[]; checkGlobalObject: true }] {
  return ["error", { globals: groups.flat(), checkGlobalObject: true }]
}

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "node", "vitest"],
  jsPlugins: ["./tools/lint/house-rules.ts"],
  categories: { correctness: "error", suspicious: "error" },
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["**/dist/**", "**/coverage/**", "**/*.generated.ts", ".cache/**", ".node/**"],
  rules: {
    "house/import-direction": "error",
    "house/no-inner-barrel": "error",
    "import/no-cycle": ["error", { ignoreTypes: false }],
    "import/no-self-import": "error",
    "import/no-namespace": "off",
    "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
    "no-console": "error",
    "typescript/consistent-type-imports": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "typescript/only-throw-error": "off",
    "unicorn/prefer-node-protocol": "error",
    eqeqeq: ["error", "always", { null: "ignore" }],
    "promise/always-return": "off",
    // Closures over options are this code's shape, narrowing what came from outside needs assertions, toJSON spreads
    // its own fields, and `then` is a word of the fault server's scripts.
    "no-shadow": "off",
    "typescript/no-unsafe-type-assertion": "off",
    "typescript/no-misused-spread": "off",
    "unicorn/no-thenable": "off",
    "unicorn/consistent-function-scoping": "off",
  },
  overrides: [
    {
      files: ["packages/core/src/**/*.ts"],
      rules: {
        "house/no-current-date": "error",
        "no-restricted-globals": globals(webClasses, timers, randomness),
        "no-restricted-properties": ["error", ...clockProperties, ...randomProperties],
      },
    },
    {
      files: ["packages/core/src/{fetch,fetch-transport,create-fetch}.ts"],
      rules: {
        "no-restricted-globals": globals(timers, randomness),
        "no-restricted-properties": ["error", ...randomProperties],
      },
    },
    {
      files: ["packages/core/src/system-clock.ts"],
      rules: {
        "house/no-current-date": "off",
        "no-restricted-globals": globals(webClasses, randomness),
        "no-restricted-properties": ["error", ...randomProperties],
      },
    },
    {
      files: ["packages/core/src/runtime.ts"],
      rules: {
        "no-restricted-globals": globals(webClasses, timers),
        "no-restricted-properties": ["error", ...clockProperties],
      },
    },
    {
      // The command line's and the tools' product is what they print.
      files: ["packages/cli/**", "examples/**", "tools/**"],
      rules: { "no-console": "off" },
    },
    {
      // A style sheet is imported for its effect.
      files: ["packages/watch/page/main.tsx"],
      rules: { "import/no-unassigned-import": "off" },
    },
    {
      files: ["**/index.ts"],
      rules: { "house/no-inner-barrel": "off" },
    },
    {
      files: tests,
      rules: {
        "max-lines": "off",
        "max-lines-per-function": "off",
        "no-restricted-globals": "off",
        "no-restricted-properties": "off",
        "house/no-current-date": "off",
        "vitest/expect-expect": ["error", { assertFunctionNames: ["expect", "expectTypeOf", "assert*", "expect*"] }],
        // An assertion may be awaited later; one that never is, no-floating-promises finds.
        "vitest/valid-expect": "off",
        "vitest/no-focused-tests": "error",
        "vitest/no-disabled-tests": "error",
        "vitest/no-restricted-vi-methods": ["error", patchesGlobals],
        "no-restricted-imports": ["error", { paths: [{ name: "node:timers/promises", message: neverSleep }] }],
      },
    },
    {
      // Its tests are written as sentences of their own, each run on a stage.
      files: ["packages/outbox/src/store-contract/**"],
      rules: { "vitest/expect-expect": "off", "vitest/no-standalone-expect": "off", "vitest/valid-title": "off" },
    },
  ],
})
