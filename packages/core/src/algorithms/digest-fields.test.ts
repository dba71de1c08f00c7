import { createHash } from "node:crypto"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { base64Digest, parseDigests } from "./digest-fields.ts"

const of = (algorithm: "sha256" | "sha512", encoding: "hex" | "base64") => createHash(algorithm).update("x").digest(encoding) // prettier-ignore
const short = of("sha256", "base64")
const long = of("sha512", "base64")

describe("a digest field", () => {
  test.each<[string | null, object]>([
    [`sha-256=:${short}:`, { "sha-256": short }],
    [`sha-512=:${long}:,\tsha-256=:${short}:`, { "sha-256": short, "sha-512": long }],
    [`md5=:AAAA:, sha-256=:${short}:;q=1`, { "sha-256": short }],
    [`sha-256=:AAAA:, sha-256=:${short}:`, { "sha-256": short }],
    [`sha-256=:${short}:, sha-256=:AAAA:`, {}],
    [`sha-256=${short}`, {}],
    [`sha-256="${short}`, {}],
    [`sha-256=:${long}:`, {}],
    ["sha-256=:AAAA:", {}],
    ["sha-256=10", {}],
    ["sha-256", {}],
    ["", {}],
    [null, {}],
  ])("%s holds these digests", (text, digests) => {
    expect(parseDigests(text)).toEqual(digests)
  })
})

describe("a digest as users write it", () => {
  test("may be hexadecimal in either case, or base64 with or without padding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const [hex, base64] = [Buffer.from(bytes).toString("hex"), Buffer.from(bytes).toString("base64")]
        for (const text of [hex, hex.toUpperCase(), base64, base64.replace("=", "")])
          expect(base64Digest("sha-256", text)).toBe(base64)
      }),
    )
    expect(base64Digest("sha-512", of("sha512", "hex"))).toBe(long)
    expect(base64Digest("sha-512", long)).toBe(long)
  })

  test.each([
    "",
    "abcd",
    of("sha512", "hex"),
    long,
    `${short}=`,
    short.replace(/./, "-"),
    `sha256-${short}`,
    ` ${short}`,
  ])("is none when it is %j", (text) => {
    expect(base64Digest("sha-256", text)).toBeUndefined()
  })
})
