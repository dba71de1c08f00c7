import type { Open } from "./client.ts"

/** A client as the report knows it. */
export interface ClientEntry {
  readonly name: string
  /** The packages whose versions matter; Node's own are "node". */
  readonly packages: readonly string[]
  /** How it is set up, for the report. */
  readonly settings: string
  /** How it is told to retry at once, for the report; undefined where it cannot. */
  readonly retrying?: string
  /** Whether there is an instance to be made. */
  readonly isMade: boolean
  module(): Promise<{ readonly open: Open }>
}

const undiciPool = "an undici Agent with as many `connections` as calls at once"
const fetchPool = "the Agent of Node's own undici with as many `connections` as calls at once"
const httpPool = "a `node:http` Agent with `keepAlive` and as many sockets as calls at once"
const ours = "`retry: { attempts: 21, baseMs: 0, budget: false }`"

/** All clients that are measured. */
export const clients: readonly ClientEntry[] = [
  {
    name: "undici dispatch",
    packages: ["undici"],
    settings: `${undiciPool}; a handler that collects the body, then JSON.parse: the limit`,
    isMade: false,
    module: () => import("./undici-dispatch.ts"),
  },
  {
    name: "steadfetch on undici",
    packages: ["@steadfetch/node", "steadfetch", "undici"],
    settings: `${undiciPool}, set as undici's global dispatcher; the standard preset in full`,
    retrying: ours,
    isMade: true,
    module: () => import("./steadfetch-on-undici.ts"),
  },
  {
    name: "undici.request",
    packages: ["undici"],
    settings: `${undiciPool}, set as undici's global dispatcher`,
    isMade: false,
    module: () => import("./undici-request.ts"),
  },
  {
    name: "undici RetryAgent",
    packages: ["undici"],
    settings: `\`undici.request\` through a RetryAgent over ${undiciPool}`,
    retrying: "`maxRetries: 20, minTimeout: 0`",
    isMade: true,
    module: () => import("./undici-retry-agent.ts"),
  },
  {
    name: "global fetch",
    packages: ["node"],
    settings: fetchPool,
    isMade: false,
    module: () => import("./global-fetch.ts"),
  },
  {
    name: "global fetch, abortable",
    packages: ["node"],
    settings: `${fetchPool}; each call with the signal of an AbortController of its own`,
    isMade: false,
    module: () => import("./abortable-fetch.ts"),
  },
  {
    name: "steadfetch on fetch",
    packages: ["steadfetch"],
    settings: `${fetchPool}; the standard preset in full`,
    retrying: ours,
    isMade: true,
    module: () => import("./steadfetch-on-fetch.ts"),
  },
  {
    name: "cockatiel + fetch",
    packages: ["cockatiel"],
    settings: `${fetchPool}; retry around a cooperative timeout of 20 s`,
    retrying: "`maxAttempts: 20, backoff: new ConstantBackoff(0)`",
    isMade: true,
    module: () => import("./cockatiel.ts"),
  },
  {
    name: "wretch",
    packages: ["wretch"],
    settings: fetchPool,
    retrying: "its retry middleware, `maxAttempts: 20, delayTimer: 0`",
    isMade: true,
    module: () => import("./wretch.ts"),
  },
  {
    name: "ofetch",
    packages: ["ofetch"],
    settings: fetchPool,
    retrying: "`retry: 20, retryDelay: 0`",
    isMade: true,
    module: () => import("./ofetch.ts"),
  },
  {
    name: "ky",
    packages: ["ky"],
    settings: fetchPool,
    retrying: "`retry: { limit: 20, delay: () => 0 }`",
    isMade: true,
    module: () => import("./ky.ts"),
  },
  {
    name: "axios",
    packages: ["axios", "axios-retry"],
    settings: httpPool,
    retrying: "axios-retry, `retries: 20`, whose default is no delay",
    isMade: true,
    module: () => import("./axios.ts"),
  },
  {
    name: "got",
    packages: ["got"],
    settings: httpPool,
    retrying: "`retry: { limit: 20, backoffLimit: 0, noise: 0 }`",
    isMade: true,
    module: () => import("./got.ts"),
  },
]
