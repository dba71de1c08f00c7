import { configDefaults, defineConfig } from "vitest/config"

/** The packages' sources are imported directly, so that nothing has to be built for a test. */
const conditions = ["@steadfetch/source"]
const resolve = { conditions: [...conditions, "module", "node", "import", "default"] }
const shared = { resolve, ssr: { resolve: { conditions: resolve.conditions } } }

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "examples/*/src/**/*.test.ts", "tools/**/*.test.ts"],
          exclude: configDefaults.exclude,
          execArgv: ["--conditions=@steadfetch/source"],
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: configDefaults.exclude,
          execArgv: ["--conditions=@steadfetch/source"],
          testTimeout: 30_000,
        },
      },
    ],
  },
})
