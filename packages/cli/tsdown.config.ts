import { defineConfig } from "tsdown"

export default defineConfig({
  entry: "src/main.ts",
  platform: "node",
  target: "node22",
  fixedExtension: false,
  // A program, not a library: nobody imports it.
  dts: false,
  sourcemap: true,
})
