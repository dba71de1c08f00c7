import { defineConfig } from "tsdown"

export default defineConfig({
  entry: { index: "src/index.ts", postgres: "src/postgres/index.ts", redis: "src/redis/index.ts" },
  platform: "node",
  target: "node22",
  fixedExtension: false,
  sourcemap: true,
})
