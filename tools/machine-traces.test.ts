import { expect, test } from "vitest"
import { machineTraces } from "./machine-traces.ts"

test.each([
  ["a registry's host", ["https://registry", "example.org/steadfetch"].join(".")],
  ["a tarball's address", ['"resolved"', ' "https', '//packages.example.org/a.tgz"'].join(":")],
  ["a person's folder", ["", "home", "ada", "project"].join("/")],
  ["a person's folder on a Mac", ["", "Users", "ada", "project"].join("/")],
  ["a temporary folder", `cd ${["", "tmp", "build"].join("/")}`],
  ["a person's folder on Windows", ["C:", "Users", "ada"].join("\\")],
])("%s is found, with its line", (_, text) => {
  expect(machineTraces(`first\n${text}`)).toMatchObject([{ line: 2 }])
})

test.each(["/users/7/orders", "https://api.example.com/home/ada/", '"resolved": "packages/core"', "./tmp/build"])(
  "%s is not a trace of a machine",
  (text) => {
    expect(machineTraces(text)).toEqual([])
  },
)
