import { defineConfig } from "tsdown"

export default defineConfig({
  entry: { index: "src/index.ts", validation: "src/validation/index.ts" },
  platform: "neutral",
  target: "es2023",
  fixedExtension: false,
  sourcemap: true,
})
