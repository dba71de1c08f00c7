import { expect, test } from "vitest"
import { readArguments } from "../command.ts"
import { configurationFrom } from "./configuration.ts"
import { gatewayOptions } from "./options.ts"

const from = (line: string): unknown =>
  configurationFrom(readArguments("gateway", gatewayOptions, line.split(" ")).values)

test("one upstream, and everything else by default", () => {
  expect(JSON.parse(JSON.stringify(from("--upstream https://api.test")))).toEqual({
    listen: { port: 8480 },
    admin: { port: 8481 },
    allow: {},
    accessLog: true,
    upstreams: { default: { url: "https://api.test" } },
  })
})

test("all that can be said on the command line", () => {
  const line =
    "--upstream https://api.test --port 0 --host 0.0.0.0 --admin-port none --bearer-env KEY --token-env TOKEN --allow-host a.test --allow-host b.test --allow-origin https://app.test --deadline none --timeout 5s --attempts 3 --contract strict --no-idempotency-key --outbox outbox.db --quiet"
  expect(from(line)).toEqual({
    listen: { host: "0.0.0.0", port: 0 },
    admin: false,
    token: { env: "TOKEN" },
    allow: { hosts: ["a.test", "b.test"], origins: ["https://app.test"] },
    accessLog: false,
    outbox: { file: "outbox.db" },
    upstreams: {
      default: {
        url: "https://api.test",
        deadlineMs: false,
        timeout: { attemptMs: 5000 },
        retry: { attempts: 3 },
        contract: "strict",
        idempotencyKey: false,
        auth: { bearer: { env: "KEY" } },
      },
    },
  })
})

test.each([
  ["--port 1", "name the server with --upstream https://api.example.com, or a file with --config FILE"],
  ["--upstream http://a.test --port x", '--port is "x"; give a whole number from 0 to 65535'],
  ["--upstream http://a.test --deadline 5", '--deadline is "5", which is no duration; write 5s or 5ms'],
  ["--upstream http://a.test --contract loose", "--contract"],
])("%s is refused", (line, message) => {
  expect(() => from(line)).toThrow(message)
})
