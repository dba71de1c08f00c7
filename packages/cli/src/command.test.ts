import { expect, test } from "vitest"
import { readArguments } from "./command.ts"

const options = {
  header: { type: "string", short: "H", multiple: true, value: "FIELD", help: "" },
  deadline: { type: "string", value: "DURATION", help: "" },
  quiet: { type: "boolean", short: "q", help: "" },
} as const

const read = (...args: string[]) => readArguments("call", options, args)

test("options and the rest are told apart", () => {
  const { values, positionals } = read("POST", "-H", "a: b", "https://h", "--header", "c: d", "-q")
  expect({ ...values }).toEqual({ header: ["a: b", "c: d"], quiet: true })
  expect(positionals).toEqual(["POST", "https://h"])
})

test("an unknown option is refused with the nearest name", () => {
  expect(() => read("--deadlin", "5s")).toThrow("call has no option --deadlin; did you mean --deadline?")
})

test("an unknown option that is like none gets no suggestion", () => {
  expect(() => read("--zzzzzz")).toThrow(/^call has no option --zzzzzz$/)
})

test("curl's -X is answered with the place of the method", () => {
  expect(() => read("-X", "POST")).toThrow("the method stands before the URL")
})

test("an option without its value is refused with the form of the value", () => {
  expect(() => read("--deadline")).toThrow("--deadline needs a value: --deadline DURATION")
  expect(() => read("-H")).toThrow("--header needs a value: --header FIELD")
  expect(() => read("--deadline", "--quiet")).toThrow("--deadline needs a value: --deadline DURATION")
})

test("a switch with a value is refused", () => {
  expect(() => read("--quiet=yes")).toThrow("--quiet does not take an argument")
})
