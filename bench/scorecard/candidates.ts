import type { Candidate } from "./client.ts"

const noPause = "holds no other request back: it has no rule for a whole origin"
const noRenewal = "renews no tokens: that is left to the caller's own code"
const ownConnections = "sends by itself, not through fetch"

/** Who is on the card. Settings are those of each client's own documentation. */
export const candidates: readonly Candidate[] = [
  {
    name: "steadfetch (fetch)",
    packages: ["steadfetch"],
    settings: "The defaults; in row 18 with `pace()`, the policy for it.",
    lacks: {},
    load: async () => (await import("./clients/steadfetch-on-fetch.ts")).makeClient,
  },
  {
    name: "steadfetch (undici)",
    packages: ["@steadfetch/node", "undici"],
    settings: "The defaults; in row 18 with `pace()`, the policy for it.",
    lacks: {
      "own fetch": ownConnections,
    },
    load: async () => (await import("./clients/steadfetch-on-undici.ts")).makeClient,
  },
  {
    name: "ky",
    packages: ["ky"],
    settings: "`retryOnTimeout: true`; the token is renewed as in the example of its `afterResponse` hook.",
    lacks: { "origin pause": noPause },
    load: async () => (await import("./clients/ky.ts")).makeClient,
  },
  {
    name: "got",
    packages: ["got"],
    settings:
      "The defaults, `timeout: { request }`; the token is renewed as in the example of its `afterResponse` hook.",
    lacks: { "own fetch": ownConnections, "origin pause": noPause },
    load: async () => (await import("./clients/got.ts")).makeClient,
  },
  {
    name: "axios + axios-retry",
    packages: ["axios", "axios-retry"],
    settings:
      "`retries: 3`, `retryDelay: exponentialDelay`, `shouldResetTimeout: true`, `redact: ['authorization']`; `maxRedirects: 0` for streams, as its README asks.",
    lacks: {
      "timeout retry": "axios-retry does not retry timeouts (row 11)",
      renewal: noRenewal,
      "own fetch": ownConnections,
      "origin pause": noPause,
    },
    load: async () => (await import("./clients/axios.ts")).makeClient,
  },
  {
    name: "ofetch",
    packages: ["ofetch"],
    settings: "`retry: 3, retryDelay: 500`, as in its README; for writes the default, no retries.",
    lacks: { "Retry-After": "does not read Retry-After (row 6)", renewal: noRenewal, "origin pause": noPause },
    load: async () => (await import("./clients/ofetch.ts")).makeClient,
  },
  {
    name: "wretch",
    packages: ["wretch"],
    settings:
      "Its retry middleware with `maxAttempts: 3, retryOnNetworkError: true`, as in its README, and `resolveWithLatestResponse: true` (without it row 9 fails, too); its abort addon's `setTimeout`; the token is renewed as in the README's example.",
    lacks: { "Retry-After": "does not read Retry-After (row 6)", "origin pause": noPause },
    load: async () => (await import("./clients/wretch.ts")).makeClient,
  },
  {
    name: "undici request + RetryAgent",
    packages: ["undici"],
    settings:
      "`throwOnError: false`, as its documentation asks where the body of an error is needed (without it row 9 fails, too). The cap of its waits, `maxTimeout`, is 30 s by default.",
    lacks: {
      "timeout retry": "its RetryAgent does not retry timeouts by default (row 11)",
      "status errors": "hands over the reply and throws no error",
      renewal: noRenewal,
      "own fetch": ownConnections,
      "origin pause": noPause,
    },
    load: async () => (await import("./clients/undici-request.ts")).makeClient,
  },
  {
    name: "undici fetch + RetryAgent",
    packages: ["undici"],
    settings: "As above, with undici's own fetch.",
    lacks: {
      "timeout retry": "its RetryAgent does not retry timeouts by default (row 11)",
      "status errors": "hands over the Response and throws no error",
      renewal: noRenewal,
      "own fetch": "the RetryAgent sits below fetch",
      "origin pause": noPause,
    },
    load: async () => (await import("./clients/undici-fetch.ts")).makeClient,
  },
  {
    name: "cockatiel around fetch",
    packages: ["cockatiel"],
    settings:
      "`wrap(retry, timeout)` with `ExponentialBackoff` and the aggressive strategy; handled are all errors, 429 and 5xx; the body is read inside.",
    lacks: {
      "HTTP rules": "knows nothing of HTTP: what to retry, and when, is for the caller to write",
      "status errors": "hands over what fetch gives and throws no error",
      renewal: noRenewal,
      "origin pause": noPause,
    },
    load: async () => (await import("./clients/cockatiel.ts")).makeClient,
  },
  {
    name: "openai SDK",
    packages: ["openai"],
    settings: "The defaults (2 retries).",
    lacks: { renewal: "renews no API keys", "origin pause": noPause },
    load: async () => (await import("./clients/openai.ts")).makeClient,
  },
]
