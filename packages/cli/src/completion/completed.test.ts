import { expect, test } from "vitest"
import { COMMON_METHODS } from "../call/request.ts"
import type { Command, Options } from "../command.ts"
import { completed } from "./completed.ts"
import { valuesOf } from "./values.ts"

const options = {
  to: { type: "string", short: "t", value: "URL", help: "where to; default nowhere" },
  form: { type: "string", multiple: true, choices: ["round", "square"], help: "its form" },
  "token-env": { type: "string", value: "NAME", help: "the token" },
  quiet: { type: "boolean", help: "says nothing" },
} as const satisfies Options

const command = (usage: string): Command => ({
  name: "move",
  summary: "Moves.",
  usage,
  options,
  examples: [],
  notes: [],
  parse: () => undefined,
  run: async () => 0,
})

test("an option is completed as it is described", () => {
  expect(completed(command(""), "moves").options).toEqual([
    { names: ["-t", "--to"], description: "where to", isRepeatable: false, placeholder: "URL", values: "nothing" },
    {
      names: ["--form"],
      description: "its form",
      isRepeatable: true,
      placeholder: "round|square",
      values: ["round", "square"],
    },
    { names: ["--token-env"], description: "the token", isRepeatable: false, placeholder: "NAME", values: "variables" },
    { names: ["--quiet"], description: "says nothing", isRepeatable: false, placeholder: "", values: undefined },
  ])
})

test.each([
  ["[METHOD] URL [OPTIONS]", ["METHOD", "URL"]],
  ["FILE|- [OPTIONS]", ["FILE|-"]],
  ["FILE|URL --to URL [OPTIONS]", ["FILE|URL"]],
  ["--to URL [OPTIONS]  or  move --quiet FILE", ["FILE"]],
  ["[--to URL [OPTIONS]]", []],
  ["round|square", ["round|square"]],
])("the operands of %j", (usage, placeholders) => {
  const { operands } = completed(command(usage), "moves")
  expect(operands.map(({ placeholder }) => placeholder)).toEqual(placeholders)
})

test.each([
  ["FILE", "files"],
  ["FILE|-", "files"],
  ["PATH", "folders"],
  ["TEXT|@FILE|-", "@files"],
  ["NAME=VALUE|@FILE", "=@files"],
  ["METHOD", COMMON_METHODS],
  ["round|square", ["round", "square"]],
  ["URL", "nothing"],
  ["'NAME: VALUE'", "nothing"],
] as const)("%j is completed by %j", (placeholder, values) => {
  expect(valuesOf(placeholder)).toEqual(values)
})
