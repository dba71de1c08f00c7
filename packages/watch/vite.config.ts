import { defaultClientConditions, defineConfig } from "vite"
import { bundledLicences } from "../../tools/bundled-licences.ts"

/** The page: three files with fixed names, which are all that is served. */
export default defineConfig({
  root: "page",
  base: "./",
  logLevel: "warn",
  resolve: { conditions: ["@steadfetch/source", ...defaultClientConditions] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [bundledLicences()],
  build: {
    outDir: "../dist/page",
    emptyOutDir: true,
    target: "es2023",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { output: { entryFileNames: "watch.js", assetFileNames: "watch.[ext]" } },
  },
})
