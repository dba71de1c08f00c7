import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { isBuiltin } from "node:module"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

// What `./dev build` makes, and users get.
const folder = new URL("../../packages/cli/", import.meta.url)
const dist = new URL("dist/", folder)

test("the built command carries the tour's API along, and each call ends as the contract says", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(new URL("main.js", dist)), "tour"])
  expect(stdout).toContain("17 of 17 calls ended as the contract says")
  expect(stdout).toContain('await api.get("/orders", { deadline: 2500 })')
})

test("the built command imports nothing but its declared dependencies", async () => {
  const manifest = JSON.parse(await readFile(new URL("package.json", folder), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  const names = (await readdir(dist)).filter((name) => name.endsWith(".js"))
  const files = await Promise.all(names.map((name) => readFile(new URL(name, dist), "utf8")))
  const imported = files.flatMap((code) =>
    [...code.matchAll(/^import .*?from "([^."][^"]*)"/gm)].map((match) => match[1] ?? ""),
  )
  const packages = imported
    .filter((name) => !isBuiltin(name))
    .map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name)
  // What openapi-typescript wants beside it (its peer dependency) is not imported here.
  expect(new Set([...packages, "typescript"])).toEqual(new Set(Object.keys(manifest.dependencies)))
})

test("the licences of what it carries along are with it", async () => {
  const licences = await readFile(new URL("THIRD-PARTY-LICENCES.txt", dist), "utf8")
  for (const name of ["hono", "zod", "@hono/node-server"]) expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"))
})
