import { defineConfig } from "tsdown"

export default defineConfig({
  entry: ["src/index.ts", "src/fault-server/index.ts", "src/transport-contract/index.ts"],
  platform: "node",
  target: "node22",
  fixedExtension: false,
  sourcemap: true,
})
