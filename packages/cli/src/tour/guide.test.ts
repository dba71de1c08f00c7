import { steadfetch, WholeBody, type Outcome } from "steadfetch"
import { expect, test } from "vitest"
import { recordedOutput } from "../test-surroundings.ts"
import { Guide } from "./guide.ts"

const reply: Outcome = {
  kind: "reply",
  status: 404,
  url: undefined,
  headers: new Headers(),
  body: new WholeBody(new TextEncoder().encode('{"detail":"no such order"}')),
}
const api = steadfetch({ transport: { send: async () => reply, close: async () => {} } })

const visit = {
  title: "404 Not Found",
  source: 'api.get("/orders/7")',
  asked: "a 404, always",
  call: () => api.get("https://api.example.com/orders/7"),
  lesson: "Sent once.",
}

test("a call that ended as it should is shown with its line, its ending and its lesson", async () => {
  const { output, text } = recordedOutput()
  const guide = new Guide(output)
  await guide.show({ ...visit, check: async () => [] })
  expect(guide.sumUp()).toBe(true)
  expect(text().replace(/\b\d+ ms\b/g, "N ms")).toBe(
    [
      "",
      " 1  404 Not Found",
      '    await api.get("/orders/7")',
      "    (the API was asked for trouble: a 404, always)",
      "    ✔ throws NotFoundError  1 attempt in N ms",
      '      serverMessage "no such order"',
      "      Sent once.",
      "",
      "1 of 1 calls ended as the contract says, in N ms.",
      "",
    ].join("\n"),
  )
})

test("one call that did not end as it should is marked and spoils the whole", async () => {
  const { output, text } = recordedOutput()
  const guide = new Guide(output)
  await guide.show({ ...visit, check: async () => [] })
  await guide.show({ ...visit, check: async () => ["it had to end as success"] })
  expect(guide.sumUp()).toBe(false)
  expect(text()).toContain("    ✘ throws NotFoundError")
  expect(text()).toContain("      it had to end as success\n")
  expect(text()).toContain("1 of 2 calls ended as the contract says")
})
