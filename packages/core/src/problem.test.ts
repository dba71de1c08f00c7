import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { explain, type Explanation } from "./problem.ts"

type Fields = Readonly<Record<string, string>>

const said = (body: unknown, headers: Fields = {}): Explanation =>
  explain(new Headers(headers), typeof body === "string" ? body : JSON.stringify(body))

interface Row {
  readonly api: string
  readonly headers?: Fields
  readonly body: unknown
  readonly message: string | undefined
  readonly code?: string
  readonly requestId?: string
  readonly details?: unknown
}

const stripe = {
  error: {
    code: "parameter_missing",
    doc_url: "https://stripe.com/docs/error-codes/parameter-missing",
    message: "Missing required param: amount.",
    param: "amount",
    type: "invalid_request_error",
  },
}

const google = {
  error: {
    code: 429,
    message: "Quota exceeded for quota metric 'Read requests'.",
    status: "RESOURCE_EXHAUSTED",
    details: [
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "RATE_LIMIT_EXCEEDED", domain: "googleapis.com" },
      { "@type": "type.googleapis.com/google.rpc.RequestInfo", requestId: "req-77" },
    ],
  },
}

const github = {
  message: "Validation Failed",
  errors: [{ resource: "Issue", field: "title", code: "missing_field" }],
  documentation_url: "https://docs.github.com/rest",
}

const jsonApi = {
  errors: [
    { id: "e-1", status: "422", code: "short", title: "Too short", detail: "First name must have three characters.", source: { pointer: "/data/attributes/firstName" } },
    { title: "Invalid e-mail" },
  ],
} // prettier-ignore

const graphql = {
  data: null,
  errors: [{ message: "Cannot query field 'x'.", extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }],
}

const ROWS: readonly Row[] = [
  {
    api: "problem+json",
    headers: { "content-type": "application/problem+json" },
    body: {
      type: "https://example.com/probs/out-of-credit",
      title: "You do not have enough credit.",
      status: 403,
      detail: "Your current balance is 30, but that costs 50.",
      instance: "/account/12345/msgs/abc",
    },
    message: "Your current balance is 30, but that costs 50.",
    code: "https://example.com/probs/out-of-credit",
    requestId: "/account/12345/msgs/abc",
  },
  {
    api: "problem+json with nothing but a title",
    body: { type: "about:blank", title: "Not Found", status: 404 },
    message: "Not Found",
  },
  {
    api: "problem+json of ASP.NET, with errors by field",
    body: {
      type: "https://tools.ietf.org/html/rfc9110#section-15.5.1",
      title: "One or more validation errors occurred.",
      status: 400,
      errors: { Name: ["The Name field is required."] },
    },
    message: "One or more validation errors occurred. (Name: The Name field is required.)",
    code: "https://tools.ietf.org/html/rfc9110#section-15.5.1",
    details: { Name: ["The Name field is required."] },
  },
  {
    api: "Stripe",
    headers: { "request-id": "req_abc" },
    body: stripe,
    message: "Missing required param: amount.",
    code: "parameter_missing",
    requestId: "req_abc",
    details: "amount",
  },
  {
    api: "Stripe without a code",
    body: { error: { message: "Invalid API Key provided", type: "invalid_request_error" } },
    message: "Invalid API Key provided",
    code: "invalid_request_error",
  },
  {
    api: "GitHub with errors as objects",
    headers: { "x-github-request-id": "C0FE:1A2B" },
    body: github,
    message: "Validation Failed (title missing_field)",
    code: "missing_field",
    requestId: "C0FE:1A2B",
    details: github.errors,
  },
  {
    api: "GitHub with errors as texts",
    body: { message: "Validation Failed", errors: ["Head sha can't be blank", "No commits between main and main"] },
    message: "Validation Failed (Head sha can't be blank; No commits between main and main)",
    details: ["Head sha can't be blank", "No commits between main and main"],
  },
  {
    api: "FastAPI",
    body: { detail: [{ type: "missing", loc: ["body", "email"], msg: "Field required", input: {} }] },
    message: "Field required",
  },
  {
    api: "NestJS",
    body: { statusCode: 400, message: ["email must be an email", "name should not be empty"], error: "Bad Request" },
    message: "email must be an email; name should not be empty",
    code: "Bad Request",
  },
  {
    api: "GitHub, not found",
    body: { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" },
    message: "Not Found",
  },
  {
    api: "Google",
    body: google,
    message: "Quota exceeded for quota metric 'Read requests'.",
    code: "RESOURCE_EXHAUSTED",
    requestId: "req-77",
    details: google.error.details,
  },
  {
    api: "Google, streamed as a list",
    body: [{ error: { code: 400, message: "Invalid value", status: "INVALID_ARGUMENT" } }],
    message: "Invalid value",
    code: "INVALID_ARGUMENT",
  },
  {
    api: "AWS JSON with its type in a field",
    headers: { "x-amzn-errortype": "ValidationException:http://internal.amazon.com/coral/", "x-amzn-requestid": "A-1" },
    body: { message: "1 validation error detected" },
    message: "1 validation error detected",
    code: "ValidationException",
    requestId: "A-1",
  },
  {
    api: "AWS JSON with a qualified type in a field",
    headers: { "x-amzn-errortype": "aws.protocoltests#FooError:http://internal/x#y" },
    body: {},
    message: undefined,
    code: "FooError",
  },
  {
    api: "AWS JSON with __type and capitals",
    body: { __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", Message: "No such table" },
    message: "No such table",
    code: "ResourceNotFoundException",
  },
  {
    api: "AWS JSON with errorMessage",
    body: { errorMessage: "Task timed out after 3.00 seconds", code: "aws.lambda#TimeoutError" },
    message: "Task timed out after 3.00 seconds",
    code: "TimeoutError",
  },
  {
    api: "AWS JSON with error_message",
    body: { error_message: "The key is disabled", __type: "KMS.DisabledException" },
    message: "The key is disabled",
    code: "KMS.DisabledException",
  },
  {
    api: "AWS XML",
    headers: { "content-type": "application/xml", "x-amz-request-id": "4442587FB7D0A2F9" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The resource you requested does not exist &amp; never did</Message><Resource>/mybucket/myfoto.jpg</Resource><RequestId>inner</RequestId></Error>`,
    message: "The resource you requested does not exist & never did",
    code: "NoSuchKey",
    requestId: "4442587FB7D0A2F9",
  },
  {
    api: "AWS XML with its id in the body",
    body: `<ErrorResponse xmlns="http://queue.amazonaws.com/doc/"><Error><Type>Sender</Type><Code>InvalidParameterValue</Code><Message>Value (quename) is invalid.</Message></Error><RequestId>42d59b56</RequestId></ErrorResponse>`,
    message: "Value (quename) is invalid.",
    code: "InvalidParameterValue",
    requestId: "42d59b56",
  },
  {
    api: "Azure",
    headers: { "x-ms-request-id": "ms-1", "x-ms-error-code": "ResourceNotFound" },
    body: { error: { code: "ResourceNotFound", message: "The Resource 'vm' was not found." } },
    message: "The Resource 'vm' was not found.",
    code: "ResourceNotFound",
    requestId: "ms-1",
  },
  {
    api: "OData with details",
    body: {
      error: { code: "BadArgument", message: "Multiple errors", details: [{ code: "NullValue", message: "Phone" }] },
    },
    message: "Multiple errors",
    code: "BadArgument",
    details: [{ code: "NullValue", message: "Phone" }],
  },
  {
    api: "JSON:API",
    headers: { "content-type": "application/vnd.api+json" },
    body: jsonApi,
    message: "First name must have three characters.; Invalid e-mail",
    code: "short",
    requestId: "e-1",
    details: jsonApi.errors,
  },
  {
    api: "GraphQL",
    body: graphql,
    message: "Cannot query field 'x'.",
    code: "GRAPHQL_VALIDATION_FAILED",
    details: graphql.errors,
  },
  {
    api: "OpenAI",
    headers: { "x-request-id": "req_123" },
    body: {
      error: {
        message: "Incorrect API key provided.",
        type: "invalid_request_error",
        param: null,
        code: "invalid_api_key",
      },
    },
    message: "Incorrect API key provided.",
    code: "invalid_api_key",
    requestId: "req_123",
  },
  {
    api: "OpenAI without a code",
    body: { error: { message: "you must provide a model", type: "invalid_request_error", param: "model", code: null } },
    message: "you must provide a model",
    code: "invalid_request_error",
    details: "model",
  },
  {
    api: "Anthropic",
    body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_011" },
    message: "Overloaded",
    code: "overloaded_error",
    requestId: "req_011",
  },
  { api: "Shopify with one text", body: { errors: "Not Found" }, message: "Not Found", details: "Not Found" },
  {
    api: "Shopify with texts by field",
    body: { errors: { title: ["can't be blank"], price: ["is not a number", "must be positive"] } },
    message: "title: can't be blank; price: is not a number, must be positive",
    details: { title: ["can't be blank"], price: ["is not a number", "must be positive"] },
  },
  {
    api: "Shopify, throttled",
    body: { errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }] },
    message: "Throttled",
    code: "THROTTLED",
    details: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
  },
  {
    api: "Slack",
    headers: { "x-slack-req-id": "slack-1" },
    body: { ok: false, error: "channel_not_found" },
    message: "channel_not_found",
    code: "channel_not_found",
    requestId: "slack-1",
  },
  {
    api: "OAuth",
    body: { error: "invalid_grant", error_description: "The refresh token expired." },
    message: "The refresh token expired.",
    code: "invalid_grant",
  },
  {
    api: "plain text",
    headers: { "cf-ray": "8a1b-FRA" },
    body: "  upstream connect error or disconnect/reset before headers\n",
    message: "upstream connect error or disconnect/reset before headers",
    requestId: "8a1b-FRA",
  },
  {
    api: "nginx's page",
    headers: { via: "1.1 varnish" },
    body: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n",
    message: "502 Bad Gateway",
    requestId: "1.1 varnish",
  },
  {
    api: "a page with entities",
    body: `<!DOCTYPE html><html lang="en"><head>\n<title class="x">We&#39;re sorry &amp; working &lt;on&gt; it &#8211; &#x201C;soon&#x201D; &amp;lt;b&amp;gt;</title></head></html>`,
    message: "We're sorry & working <on> it – “soon” &lt;b&gt;",
  },
  {
    api: "a page without a title",
    body: "<!doctype html><body><h1>Service <em>Temporarily</em>\n Unavailable</h1></body>",
    message: "Service Temporarily Unavailable",
  },
  { api: "a page with an empty title", body: "<html><title> </title><h1>Gone</h1></html>", message: "Gone" },
]

describe("the server's explanation is read from the body of", () => {
  test.each(ROWS)("$api", ({ body, headers, message, code, requestId, details }) => {
    const { body: read, ...explained } = said(body, headers)
    expect(explained).toEqual({ message, code, requestId, details })
    expect(read).toEqual(body)
  })
})

describe("a member of another type counts as absent (RFC 9457 §3.1)", () => {
  test.each([
    [{ title: "Bad", detail: { a: 1 } }],
    [{ title: "Bad", detail: null, type: 5.5 }],
    [{ title: "Bad", detail: "   " }],
    [{ title: "Bad", detail: true, instance: [] }],
    [{ title: "Bad", error: { message: ["no"] } }],
  ])("%j", (body) => {
    expect(said(body).message).toBe("Bad")
  })

  test("a number is a code", () => {
    expect(said({ error: { message: "no", code: 17 } }).code).toBe("17")
  })
})

describe("what explains nothing leaves the message empty", () => {
  test.each(["", " \n", "{}", "[]", "null", "true", '""', "{", "[[[]]]", '{"error":{}}', '{"errors":[]}', '{"errors":[{}]}', "<>", "<a/>", "<html>"])(
    "%j",
    (body) => {
      expect(said(body)).toMatchObject({ code: undefined, requestId: undefined })
      expect(["true", '""', "null", "{", "[]", "[[[]]]"].includes(body) ? undefined : said(body).message).toBeUndefined()
    },
  ) // prettier-ignore

  test("an empty body is no body", () => {
    expect(said("").body).toBeUndefined()
  })

  test("a body that is no JSON is kept as its text", () => {
    expect(said('{"detail": "cut o').body).toBe('{"detail": "cut o')
  })

  test("an empty request id is none", () => {
    expect(said({}, { "x-request-id": "", "cf-ray": "ray" }).requestId).toBe("ray")
  })
})

describe("the words are fit for one line of a log", () => {
  test.each([
    ["line breaks", "first\r\nsecond\nthird", "first second third"],
    ["control characters", "a\u0000b\u001b[31mred\u0007\u007f", "a b [31mred "],
    ["C1 controls and Unicode's line ends", "a\u0085b\u2028c\u2029d\u009be", "a b c d e"],
  ])("%s are taken out of the message", (_, detail, message) => {
    expect(said({ detail }).message).toBe(message)
  })

  test.each(["x\nforged: line", "x\u001b[2Jforged: line"])("a code or request id %j is one line as well", (forged) => {
    const { code, requestId } = said({ code: forged, request_id: forged })
    expect(`${code} ${requestId}`).not.toMatch(/\p{Cc}/u)
  })

  test("a long message is cut to 500 characters", () => {
    const { message, body } = said({ detail: "x".repeat(10_000) })
    expect(message).toBe(`${"x".repeat(499)}…`)
    expect(body).toEqual({ detail: "x".repeat(10_000) })
  })

  test("a cut does not leave half a character", () => {
    const { message = "" } = said(`${"x".repeat(498)}${"😀".repeat(10)}`)
    expect(message.isWellFormed()).toBe(true)
    expect(message.length).toBeLessThanOrEqual(500)
  })
})

describe("a hostile body explains nothing and breaks nothing", () => {
  const nested = (open: string, close: string): string => `${open.repeat(50_000)}1${close.repeat(50_000)}`

  test.each([
    ["lists in a list", nested("[", "]")],
    ["objects in an object", nested('{"error":', "}")],
    ["lists in a field error", `{"errors":{"a":${nested("[", "]")}}}`],
    ["objects in a field error", `{"errors":{"a":${nested('{"a":', "}")}}}`],
    ["lists in errors", `{"errors":${nested("[", "]")}}`],
    ["a field error that has no text", '{"errors":{"a":{"toString":1,"valueOf":2}}}'],
    ["field errors that have no text", '{"errors":{"a":[{"toString":null,"join":3}]}}'],
    ["members of Object's prototype", '{"__proto__":{"detail":"x"},"constructor":"y","hasOwnProperty":1}'],
    ["an unclosed title", `<html>${"<title>".repeat(3000)}`],
    ["a title full of brackets", `<html><title>${"<".repeat(19_000)}</title>`],
    ["ten megabytes of text", "x".repeat(10_000_000)],
    ["ten megabytes of white space", " ".repeat(10_000_000)],
  ])("%s", (_, body) => {
    expect(said(body).message?.length ?? 0).toBeLessThanOrEqual(500)
  })

  const words = fc.string({ unit: "binary", maxLength: 20 })
  const member = fc.constantFrom(
    "error", "errors", "message", "Message", "detail", "details", "title", "type", "code", "__type", "instance", "param",
    "error_description", "extensions", "requestId", "request_id", "field", "status", "id", "toString", "__proto__",
  ) // prettier-ignore
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      words,
      fc.constantFrom(null, true, 0, -1.5, ""),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(member, tie("tree"), { maxKeys: 6 }),
    ),
  }))
  const markup = fc
    .array(fc.oneof(words, fc.constantFrom("<html>", "<title>", "</title>", "<Message>", "</Message>", "<", "&amp;", "&#1114112;", "&#xd800;", "&#0;", "]]>")))
    .map((parts) => `<${parts.join("")}`) // prettier-ignore
  const bodies = fc.oneof(
    words,
    fc.json(),
    markup,
    tree.map((value) => JSON.stringify(value)),
  )

  test("no body makes it throw, and the message is one line of at most 500 characters", () => {
    fc.assert(
      fc.property(bodies, fc.string({ maxLength: 20 }), (body, errorType) => {
        const fields = {
          get: (name: string) => (name === "x-amzn-errortype" ? errorType : null),
          *[Symbol.iterator]() {},
        }
        const { message = "", code = "", requestId = "" } = explain(fields, body)
        expect(message + code + requestId).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(message.length).toBeLessThanOrEqual(500)
      }),
      { numRuns: 500 },
    )
  })
})
