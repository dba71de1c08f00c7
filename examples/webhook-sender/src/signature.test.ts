import { assert, property, string, uuid } from "fast-check"
import { Webhook } from "standardwebhooks"
import { expect, test } from "vitest"
import { inUse, newSecret, rotated, signature } from "./signature.ts"

const NOW = Date.UTC(2026, 10, 30)

/** Verifies as a receiver does that has this secret. */
function isAccepted(secret: string, id: string, timestamp: number, body: string, signed: string): boolean {
  const headers = { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signed }
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false })
    return true
  } catch {
    return false
  }
}

test("whatever is signed, the receiver's library accepts it, and nothing else", () => {
  const text = string({ unit: "binary" })
  assert(
    property(uuid(), text, text, (id, body, other) => {
      const secret = newSecret()
      const timestamp = Math.floor(Date.now() / 1000)
      const signed = signature([secret], id, timestamp, body)
      expect(signed).toMatch(/^v1,[\w+/]{43}=$/)
      expect(isAccepted(secret, id, timestamp, body, signed)).toBe(true)
      expect(isAccepted(secret, id, timestamp, other, signed)).toBe(Buffer.from(body).equals(Buffer.from(other)))
      expect(isAccepted(secret, id, timestamp + 1, body, signed)).toBe(false)
      expect(isAccepted(newSecret(), id, timestamp, body, signed)).toBe(false)
    }),
  )
})

test("the example of the specification has its signature", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  expect(signature([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')).toBe(
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  )
})

test("while secrets are changed both sign, the newest first; then the new one alone", () => {
  const first = newSecret()
  const both = rotated([{ secret: first, signsUntil: undefined }], NOW, 1000)
  const [second = ""] = inUse(both, NOW)
  expect(inUse(both, NOW + 999)).toEqual([second, first])
  expect(inUse(both, NOW + 1000)).toEqual([second])

  const [timestamp, body] = [Math.floor(Date.now() / 1000), "{}"]
  const signed = signature(inUse(both, NOW), "evt_1", timestamp, body)
  expect(signed.split(" ")).toHaveLength(2)
  for (const secret of [first, second]) expect(isAccepted(secret, "evt_1", timestamp, body, signed)).toBe(true)
})

test("a second rotation prolongs nothing, and forgets what does not sign any more", () => {
  const first = rotated([{ secret: "whsec_b25l", signsUntil: undefined }], NOW, 1000)
  const second = rotated(first, NOW + 500, 1000)
  expect(second.map(({ signsUntil }) => signsUntil)).toEqual([undefined, NOW + 1500, NOW + 1000])
  expect(rotated(second, NOW + 1200, 1000)).toHaveLength(3)
})
