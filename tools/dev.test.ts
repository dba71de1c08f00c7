import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { root, runCommand } from "./run-command.ts"

const dev = join(root, "dev")

/** Scripts that npm or other scripts run, not people. */
const notForPeople = new Set(["dependencies"])

test("./dev without a name lists exactly the scripts of package.json and fails", async () => {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>
  }
  const { succeeded, output } = await runCommand([dev], "/")
  const listed = new Set([...output.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name]) => name))
  expect(succeeded).toBe(false)
  expect(listed).toEqual(new Set(Object.keys(scripts)).difference(notForPeople))
})

test("./dev with a name that is none says so and lists the names", async () => {
  const { succeeded, output } = await runCommand([dev, "tst"])
  expect(succeeded).toBe(false)
  expect(output).toContain("there is no command tst")
  expect(output).toContain("\n  test  ")
})
