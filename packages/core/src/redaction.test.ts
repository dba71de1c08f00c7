import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { redactText, redactUrl, SECRET_HEADER } from "./redaction.ts"

describe("a URL that is shown", () => {
  test.each([
    ["https://api.example.com/users?page=2", "https://api.example.com/users?page=2"],
    ["https://user:hunter22@api.example.com/x", "https://api.example.com/x"],
    ["https://token@api.example.com/x", "https://api.example.com/x"],
    ["https://api.example.com/x@y", "https://api.example.com/x@y"],
    ["https://api.example.com/x?mail=a@b.test", "https://api.example.com/x?mail=a@b.test"],
    ["https://api.example.com/cb#access_token=abc", "https://api.example.com/cb"],
    ["https://api.example.com/x?a=1#b?c", "https://api.example.com/x?a=1"],
    ["/relative?token=abc", "/relative?token=REDACTED"],
    ["https://api.example.com/?a=1&api_key=abc&b=2", "https://api.example.com/?a=1&api_key=REDACTED&b=2"],
    ["https://api.example.com/?api_key=abc=def", "https://api.example.com/?api_key=REDACTED"],
    ["https://api.example.com/?token", "https://api.example.com/?token"],
    ["https://api.example.com/?encode=1&postcode=2", "https://api.example.com/?encode=1&postcode=2"],
  ])("%s becomes %s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown)
  })

  test.each([
    "key", "api_key", "apikey", "apiKey", "X-Api-Key", "access_token", "refresh_token", "token", "client_secret", "sig",
    "signature", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "password", "passwd", "auth",
    "authorization", "session_id", "code", "jwt", "credentials",
  ])("hides the value of %s", (name) => {
    expect(redactUrl(`https://h/?a=1&${name}=v4lue&b=2`)).toBe(`https://h/?a=1&${name}=REDACTED&b=2`)
  }) // prettier-ignore

  test("never holds a planted secret, wherever in the query its parameter stands", () => {
    const name: fc.Arbitrary<string> = fc.constantFrom("a", "page", "q", "filter[x]")
    const value = fc.string().map(encodeURIComponent)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), fc.nat(20), (pairs, at) => {
        const query = pairs.toSpliced(at, 0, ["api_key", "pl4nted-s3cret"]).map((pair) => pair.join("="))
        expect(redactUrl(`https://h/p?${query.join("&")}`)).not.toContain("pl4nted-s3cret")
      }),
    )
  })
})

describe("a text with secrets taken out", () => {
  test("holds them nowhere", () => {
    expect(redactText("bad key s3cret-1; s3cret-1 is unknown", ["s3cret-1"])).toBe(
      "bad key REDACTED; REDACTED is unknown",
    )
  })

  test("holds no token when only what follows the scheme is quoted", () => {
    expect(redactText("token abc.def.ghi expired", ["Bearer abc.def.ghi"])).toBe("token REDACTED expired")
  })

  test.each([
    ["JSON", String.raw`{"you_sent":"ab\"c\\d/efg"}`],
    ["JSON with escaped slashes", String.raw`{"you_sent":"ab\"c\\d\/efg"}`],
    ["a URL", "no route for /?k=ab%22c%5Cd%2Fefg"],
  ])("holds none that is escaped for %s", (_, text) => {
    expect(redactText(text, ['Bearer ab"c\\d/efg'])).not.toContain("efg")
  })

  test("keeps words of fewer than six letters, which are no secrets", () => {
    expect(redactText("user ada is unknown", ["ada"])).toBe("user ada is unknown")
  })

  test("is the text itself without secrets", () => {
    expect(redactText("as it is", [])).toBe("as it is")
  })
})

describe("fields of a request", () => {
  test.each([
    "authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "apikey", "x-auth-token", "x-amz-security-token",
    "x-client-secret", "x-password", "x-session-id", "ocp-apim-subscription-key",
  ])("%s is a credential", (name) => {
    expect(name).toMatch(SECRET_HEADER)
  }) // prettier-ignore

  test.each(["accept", "content-type", "user-agent", "x-request-id", "traceparent", "if-match"])(
    "%s is none",
    (name) => {
      expect(name).not.toMatch(SECRET_HEADER)
    },
  )
})
