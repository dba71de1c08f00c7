import { expect, test } from "vitest"
import { Events } from "./events.ts"
import { systemPageOrigin } from "./runtime.ts"
import { systemRuntime } from "./system-runtime.ts"

test("listeners given beside events are heard as well", () => {
  const heard: string[] = []
  const events = new Events({ waiting: () => heard.push("given with the events") })
  const runtime = systemRuntime({ waiting: () => heard.push("given beside them") }, { events })
  runtime.events.emit("waiting", {} as never)
  expect(heard).toEqual(["given with the events", "given beside them"])
})

test.each([
  ["a web page", "https://page.test", "https://page.test"],
  ["an extension's page", "chrome-extension://abc", "chrome-extension://abc"],
  ["an app's page", "capacitor://localhost", "capacitor://localhost"],
  ["a worker of Deno, whose location is a file", "null", undefined],
])("%s with origin %s gives %s", (_, origin, known) => {
  expect(systemPageOrigin({ origin })).toBe(known)
})

test("without a location there is no page", () => {
  expect(systemPageOrigin()).toBeUndefined()
})
