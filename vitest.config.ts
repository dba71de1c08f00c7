import { configDefaults, defineConfig, type Plugin } from "vitest/config"

/** The packages' sources are imported directly, so that nothing has to be built for a test. */
const conditions = ["@steadfetch/source"]
const resolve = { conditions: [...conditions, "module", "node"] }
const shared = { resolve, ssr: { resolve: { conditions: resolve.conditions } } }

/** What all end-to-end tests have in common. */
const e2e = {
  exclude: configDefaults.exclude,
  execArgv: ["--conditions=@steadfetch/source"],
  testTimeout: 30_000,
}

/** Changes one import, as users do who come from `steadfetch` to `@steadfetch/node`: the client is then on undici. */
const onUndici: Plugin = {
  name: "on-undici",
  enforce: "pre",
  resolveId(source, importer) {
    const changes = source === "steadfetch" && importer?.includes("/e2e/")
    return changes ? this.resolve("@steadfetch/node", importer) : undefined
  },
}

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          // Properties and simulations take seconds on a machine that does other things as well.
          testTimeout: 30_000,
          include: [
            "packages/*/src/**/*.test.ts",
            "examples/*/src/**/*.test.ts",
            "tools/**/*.test.ts",
            "bench/**/*.test.ts",
          ],
          exclude: configDefaults.exclude,
          execArgv: ["--conditions=@steadfetch/source"],
        },
      },
      {
        ...shared,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          ...e2e,
          exclude: [...configDefaults.exclude, "e2e/on-undici.test.ts"],
        },
      },
      {
        ...shared,
        plugins: [onUndici],
        test: {
          name: "e2e-undici",
          // Large and leaking bodies have child processes, which are told their transport.
          include: ["e2e/on-undici.test.ts", "e2e/{peers,bodies,nginx,polling,batches}/*.test.ts"],
          ...e2e,
          exclude: [...configDefaults.exclude, "e2e/bodies/large.test.ts"],
        },
      },
    ],
  },
})
