import { expect, test } from "vitest"
import { Events } from "./events.ts"
import { systemRuntime } from "./system-runtime.ts"

test("listeners given beside events are heard as well", () => {
  const heard: string[] = []
  const events = new Events({ waiting: () => heard.push("given with the events") })
  const runtime = systemRuntime({ waiting: () => heard.push("given beside them") }, { events })
  runtime.events.emit("waiting", {} as never)
  expect(heard).toEqual(["given with the events", "given beside them"])
})
