import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Collects the licences of the packages that end up inside the build: they want to travel with their code. */
export function bundledLicences() {
  const folders = new Set<string>()
  return {
    name: "bundled-licences",
    moduleParsed({ id }: { readonly id: string }) {
      const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []
      if (folder !== undefined) folders.add(folder)
    },
    generateBundle(this: { emitFile(file: { type: "asset"; fileName: string; source: string }): unknown }) {
      const source = [...folders]
        .toSorted()
        .map(licenceOf)
        .join(`\n${"-".repeat(80)}\n\n`)
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY-LICENCES.txt", source })
    },
  }
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
    string,
    string
  >
  const file = ["LICENSE", "LICENSE.md", "LICENCE", "license"]
    .map((entry) => join(folder, entry))
    .find((path) => existsSync(path))
  const text = file === undefined ? `Licensed under ${license}.\n` : readFileSync(file, "utf8")
  return `${name} ${version} (${license})\n\n${text}`
}
