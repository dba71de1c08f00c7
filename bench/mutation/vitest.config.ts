import { join } from "node:path"
import { defineConfig } from "vitest/config"

/** Of the copy that holds the mutants. */
const root = join(import.meta.dirname, "../..")
const source = (path: string): string => join(root, "packages", path)

/** Core's tests, as the mutants meet them: `npm test` runs them by the configuration in the root. */
export default defineConfig({
  root,
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
    setupFiles: ["bench/mutation/setup.ts"],
    fsModuleCache: false,
    // A mutant that lets a promise wait for ever is found after this.
    testTimeout: 2000,
  },
})
