import { join } from "node:path"
import { defineConfig, type Plugin } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Of the copy that holds the mutants. */
const root = join(import.meta.dirname, "../..")
const source = (path: string): string => join(root, "packages", path)

/**
 * The same examples in every run: otherwise chance decides which mutants die. What fails need not be made small. Appended,
 * so that lines keep their numbers and tests without properties cost nothing.
 */
const SEED = `
import { configureGlobal } from "fast-check"
configureGlobal({ seed: 2, endOnFailure: true })`

const seededProperties: Plugin = {
  name: "seeded-properties",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith(".test.ts") && code.includes('from "fast-check"') ? { code: code + SEED, map: null } : undefined,
}

/** Property tests last: they take longest, and most mutants die by the others. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const slowness = ({ moduleId }: TestSpecification): number => (moduleId.includes(".property.") ? 1 : 0)
    return files.toSorted((one, other) => slowness(one) - slowness(other) || (one.moduleId < other.moduleId ? -1 : 1))
  }
}

/** The tests of core, as the mutants meet them: `npm test` runs them by the configuration in the root. */
export default defineConfig({
  root,
  plugins: [seededProperties],
  resolve: {
    // The workspace's links in node_modules lead out of the copy, to sources without mutants.
    alias: [
      { find: /^steadfetch$/, replacement: source("core/src/index.ts") },
      { find: /^@steadfetch\/testing$/, replacement: source("testing/src/index.ts") },
      { find: /^@steadfetch\/testing\/([\w-]+)$/, replacement: source("testing/src/$1/index.ts") },
    ],
  },
  test: {
    include: ["packages/core/src/**/*.test.ts"],
    exclude: [
      // Measurements, which take seconds each: what they notice the tests of behaviour have to.
      "**/*.{experiment,simulation}.test.ts",
      "**/{hedge-rate,rejection-cost}.test.ts",
      // They build what they test.
      "**/minified-errors.test.ts",
    ],
    fsModuleCache: false,
    // A new thread for each file of each run would take longer than the tests.
    isolate: false,
    // Mutants slow properties down, and a machine may be busy; the tool has a limit of its own for what never ends.
    testTimeout: 30_000,
    sequence: { sequencer: QuickFirst },
  },
})
