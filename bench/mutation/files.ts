/** What is mutated, as globs relative to the repository: every policy, every algorithm, and what belongs to policies alone. */
export const mutated: readonly string[] = [
  "packages/core/src/policies/**/*.ts",
  "packages/core/src/algorithms/*.ts",
  "packages/core/src/replay-safety.ts",
  "!packages/core/src/**/*.test.ts",
  "!packages/core/src/**/*.test-d.ts",
]

/** What the tests need of the repository. Of packages, because each test imports its own copy of core only. */
export const needed: readonly string[] = [
  "package.json",
  "tsconfig.base.json",
  "packages/core/**",
  "packages/testing/**",
  "bench/mutation/**",
]
