import { defineConfig } from "tsdown"
import { bundledLicences } from "../../tools/bundled-licences.ts"

const BUNDLED = [
  "@hono/node-server",
  "@hono/zod-openapi",
  "@hono/zod-validator",
  "@asteasolutions/zod-to-openapi",
  "hono",
  "zod",
]

export default defineConfig({
  entry: "src/main.ts",
  platform: "node",
  target: "node22",
  fixedExtension: false,
  // A program, not a library: nobody imports it or looks into it.
  dts: false,
  sourcemap: false,
  deps: {
    // The tour's example API is published nowhere, and so comes along with all that it needs.
    alwaysBundle: [/^@steadfetch\/example-/],
    onlyBundle: BUNDLED,
  },
  // As in development: the example API is imported from its sources.
  inputOptions: { resolve: { conditionNames: ["@steadfetch/source", "node", "import", "default"] } },
  plugins: [bundledLicences()],
})
