/** The runtimes that the suite runs in. */
export type RuntimeName = "node-20" | "node-22" | "node-24" | "node-26" | "bun" | "deno" | "workerd" | "chromium"

/** Where a platform cannot do what the others do. The suite asserts what happens instead. */
export interface Difference {
  readonly in: readonly RuntimeName[]
  /** What happens there. */
  readonly what: string
  readonly why: string
}

/** All that differs between runtimes; the cases ask for these by name, so that none goes unnoticed. */
export const differences = {
  "no-request-streams": {
    in: ["chromium"],
    what: "A request body that is a stream is not sent: the call ends without a reply, and no request leaves",
    why: "Browsers stream uploads over HTTP/2 and later only, and this server speaks HTTP/1.1. Give bytes or a Blob",
  },
  "unsized-streams": {
    in: ["deno", "workerd"],
    what: "The bytes of an upload are sent with Transfer-Encoding: chunked instead of Content-Length",
    why: "The platform's fetch sends every stream so, and drops a Content-Length that is given",
  },
  "hidden-fields": {
    in: ["chromium"],
    what: "Retry-After of another origin is not seen, so that a 429 with it is not retried",
    why: "CORS hides it unless the server sends Access-Control-Expose-Headers: Retry-After",
  },
  "forbidden-fields": {
    in: ["chromium"],
    what: "A Cookie field that the caller sets is not sent",
    why: "It is a forbidden request-header (Fetch, section 2.2.2), like Host and Origin; the browser drops it without a word",
  },
  "no-key-across-origins": {
    in: ["chromium"],
    what: "A POST to another origin has no Idempotency-Key unless idempotencyKey.crossOrigin asks for it",
    why: "steadfetch's own choice: the field would cost every such call a preflight",
  },
  "browser-follows": {
    in: ["chromium"],
    what:
      "The browser follows redirects: at another origin it drops Authorization, and keeps fields such as X-API-Key; " +
      'with redirect: "manual" the call ends without a reply, as the redirect cannot be read',
    why: "A page is not shown redirects. The other origin has to allow such a field in its answer to the preflight",
  },
  "vague-failures": {
    in: ["workerd", "chromium"],
    what: 'A refused connection has the code "network", and a POST without a key is not sent again after it',
    why: "The platform does not say whether a request was sent, so it may have been processed",
  },
  "repeats-gets": {
    in: ["bun", "deno", "workerd", "chromium"],
    what: "A GET whose kept connection breaks before the reply is sent again by the platform itself, unseen",
    why: "RFC 9110, section 9.2.2 lets clients do so; the story has one attempt where the server saw two",
  },
  "repeats-posts": {
    in: ["deno", "chromium"],
    what: "The same for a POST, although the server may have acted on the first",
    why: "The platform's choice, which no option changes. An Idempotency-Key tells the server that it is a repetition",
  },
  "cut-codings": {
    in: ["node-20", "node-22", "node-24", "node-26", "chromium"],
    what: "A gzip body that ends early in a message that is otherwise whole passes for a whole body",
    why: "The platform's decoder takes what it got. @steadfetch/node decodes by itself and finds it",
  },
} as const satisfies Readonly<Record<string, Difference>>

export type DifferenceName = keyof typeof differences
