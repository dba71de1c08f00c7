import { defaultClientConditions, defineConfig } from "vite"

/** The page: three files with fixed names, which are all that is served. */
export default defineConfig({
  root: "page",
  base: "./",
  logLevel: "warn",
  resolve: { conditions: ["@steadfetch/source", ...defaultClientConditions] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/page",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { output: { entryFileNames: "watch.js", assetFileNames: "watch.[ext]" } },
  },
})
