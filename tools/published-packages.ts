import { readFileSync } from "node:fs"

/** One entry point of a published package: what a user imports, and its built type declarations. */
export interface Entry {
  readonly specifier: string
  readonly types: string
}

export interface PublishedPackage {
  readonly name: string
  readonly folder: string
  readonly bin: Readonly<Record<string, string>>
  readonly entries: readonly Entry[]
}

interface Manifest {
  readonly name: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>
}

/** In the order they are built: each uses only those before it. */
const folders = [
  "packages/core",
  "packages/cache",
  "packages/openapi",
  "packages/telemetry",
  "packages/node",
  "packages/outbox",
  "packages/watch",
  "packages/gateway",
  "packages/testing",
  "packages/cli",
]

/** The packages that go to the registry, as their manifests describe them. */
export const publishedPackages: readonly PublishedPackage[] = folders.map((folder) => {
  const manifest = JSON.parse(readFileSync(new URL(`../${folder}/package.json`, import.meta.url), "utf8")) as Manifest
  const entries = Object.entries(manifest.exports ?? {}).flatMap(([path, target]) => {
    const types = typeof target === "string" ? undefined : target.types
    return types === undefined
      ? []
      : [{ specifier: manifest.name + path.slice(1), types: `${folder}/${types.slice(2)}` }]
  })
  return { name: manifest.name, folder, bin: manifest.bin ?? {}, entries }
})
