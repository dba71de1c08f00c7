import * as v from "valibot"
import { hasDotSegments } from "../entry/target.ts"
import type { Configuration } from "./configuration.ts"
import {
  byField,
  bytes,
  fields,
  flag,
  limitMs,
  ms,
  oneOf,
  optional,
  orFalse,
  secret,
  secretFields,
  text,
  wholeNumber,
} from "./schema-parts.ts"

const port = wholeNumber(0, 65_535)
const address = fields({ host: optional(text), port: optional(port) })
const share = v.pipe(
  v.number((issue) => `is ${issue.received}; use a number from 0 to 1`),
  v.minValue(0, "is below 0; use a number from 0 to 1"),
  v.maxValue(1, "is above 1; use a number from 0 to 1"),
)

const host = v.pipe(
  text,
  v.regex(
    /^([a-z0-9._-]+|\[[0-9a-f:.]+\])$/i,
    (issue) => `is ${issue.received}; use a name such as "api.localhost", without scheme and port`,
  ),
)
const origin = v.pipe(
  text,
  v.check(
    (value) => URL.canParse(value) && new URL(value).origin === value,
    'is no origin; write it as browsers send it, such as "https://app.example.com"',
  ),
)
const list = <Item extends v.GenericSchema>(item: Item) =>
  v.array(item, (issue) => `is ${issue.received}; use a list: [ … ]`)

/** What a request's path can begin with such that nobody has to guess where it ends. */
const prefix = v.pipe(
  text,
  v.regex(
    /^\/(?!\/)([\w.~!$&'()*+,;=:@%-]+\/)*[\w.~!$&'()*+,;=:@%-]*$/,
    (issue) => `is ${issue.received}; use a path such as "/orders", without query`,
  ),
  v.check((value) => !hasDotSegments(value), "has dot segments; write it without"),
)

const url = v.pipe(
  text,
  v.check((value) => /^https?:\/\//i.test(value) && URL.canParse(value), 'is no URL; write "https://api.example.com"'),
  v.check((value) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined
    return parsed === undefined || parsed.username + parsed.password === ""
  }, 'holds a credential; take it out, and give it with "auth"'),
  v.check((value) => !/[?#]/.test(value), "has a query or a fragment; end it with the path"),
)

const contractName = oneOf(["documented", "strict", "rfc9110"])
const rule = oneOf(["accept", "correct", "retry", "retry-after"])
const contract = v.lazy((value): v.GenericSchema =>
  typeof value === "object" && value !== null
    ? fields({
        base: optional(contractName),
        rows: v.record(
          v.pipe(
            v.string(),
            v.regex(/^[1-5](\d\d|xx)$/, (issue) => `${issue.received} is no status; use one such as 409, or "4xx"`),
          ),
          rule,
          (issue) => `is ${issue.received}; use an object such as { 409: retry }`,
        ),
      })
    : contractName,
)

const retry = fields({
  attempts: optional(wholeNumber(1, 1000)),
  baseMs: optional(wholeNumber(0)),
  capMs: optional(wholeNumber(0)),
  maxWaitMs: optional(wholeNumber(0)),
  budget: optional(orFalse(fields({ perSuccess: optional(share), capacity: optional(wholeNumber(1)) }))),
})

const breaker = v.lazy((value): v.GenericSchema =>
  value === true
    ? v.literal(true)
    : fields({
        failureRatio: optional(share),
        minAttempts: optional(wholeNumber(1)),
        windowMs: optional(ms),
        openMs: optional(ms),
        maxOpenMs: optional(ms),
        probes: optional(wholeNumber(1)),
        slowMs: optional(ms),
        slowRatio: optional(share),
        whenOpen: optional(oneOf(["reject", "wait"])),
        queue: optional(fields({ size: optional(wholeNumber(0)) })),
      }),
)

/** The name may be a secret in the wrong place, and is not shown. Some fields belong to the connection. */
const headerField = v.pipe(
  text,
  v.regex(
    /^(?!(connection|content-length|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$)[!#$%&'*+\-.^_`|~\w]+$/i,
    'is no header field that can be set; use one such as "X-Api-Key"',
  ),
)

const keyFrom = (from: v.ObjectEntries) =>
  v.pipe(
    fields({ ...from, header: optional(headerField), query: optional(text) }),
    v.check(
      ({ header, query }) => header === undefined || query === undefined,
      'has "header" and "query"; keep the one in which the API wants the key',
    ),
  )
const auth = byField({
  bearer: fields({ bearer: secret }),
  basic: fields({ basic: fields({ user: text, password: secret }) }),
  apiKey: fields({
    apiKey: byField({ env: keyFrom(secretFields.env), file: keyFrom(secretFields.file) }),
  }),
})

const upstream = fields({
  url,
  prefix: optional(prefix),
  host: optional(host),
  preset: optional(oneOf(["standard", "gentle", "lowLatency"])),
  contract: optional(contract),
  retry: optional(orFalse(retry)),
  timeout: optional(orFalse(fields({ attemptMs: optional(limitMs), stallMs: optional(limitMs) }))),
  deadlineMs: optional(limitMs),
  idempotencyKey: optional(
    orFalse(fields({ header: optional(headerField), format: optional(oneOf(["raw", "quoted"])) })),
  ),
  breaker: optional(breaker),
  auth: optional(auth),
  body: optional(fields({ memoryBytes: optional(bytes), fileBytes: optional(bytes), mostBytes: optional(bytes) })),
  wholeReplyBytes: optional(wholeNumber(0, 16 * 1024 * 1024)),
  via: optional(flag),
  forwarded: optional(orFalse(oneOf(["replace", "append"]))),
  outbox: optional(v.literal(false, (issue) => `is ${issue.received}; use false, or leave it out`)),
})

const outbox = fields({
  file: text,
  path: optional(
    v.pipe(
      prefix,
      v.check((value) => !value.endsWith("/"), 'ends with a slash; use a path such as "/-/outbox"'),
    ),
  ),
  lifetimeMs: optional(wholeNumber(1)),
  perSecond: optional(
    v.pipe(
      v.number((issue) => `is ${issue.received}; use a number from 0.001`),
      v.minValue(0.001, "is below 0.001; use a number from that"),
    ),
  ),
  concurrency: optional(fields({ total: optional(wholeNumber(1)), perOrigin: optional(wholeNumber(1)) })),
  backoff: optional(fields({ baseMs: optional(wholeNumber(1)), maxMs: optional(wholeNumber(1)) })),
  limits: optional(
    fields({ entries: optional(wholeNumber(0)), bodyBytes: optional(bytes), totalBytes: optional(bytes) }),
  ),
  encryption: optional(fields({ key: secret })),
})

const limits = fields({
  headBytes: optional(wholeNumber(1024, 1024 * 1024)),
  headFields: optional(wholeNumber(1, 2000)),
  targetBytes: optional(wholeNumber(1)),
  headMs: optional(ms),
  requestMs: optional(limitMs),
  keepAliveMs: optional(ms),
  unreadMs: optional(ms),
  connections: optional(wholeNumber(1)),
})

/** Its messages are the ends of sentences that begin with the place. */
export const configurationSchema = fields(
  {
    listen: optional(address),
    admin: optional(orFalse(address)),
    token: optional(secret),
    allow: optional(
      fields({
        hosts: optional(list(v.lazy((value): v.GenericSchema => (value === "*" ? v.literal("*") : host)))),
        origins: optional(list(origin)),
      }),
    ),
    limits: optional(limits),
    shutdownMs: optional(wholeNumber(0, 2 ** 31 - 1)),
    accessLog: optional(flag),
    outbox: optional(outbox),
    upstreams: v.pipe(
      v.unknown(),
      // valibot leaves these out, unread.
      v.check(
        (all) => !["constructor", "prototype", "__proto__"].some((name) => Object.hasOwn(Object(all), name)),
        'holds a name that every object has; use others than "constructor", "prototype" and "__proto__"',
      ),
      v.record(
        v.pipe(
          v.string(),
          v.regex(/^[\w.-]+$/, (issue) => `${issue.received} is no name; use letters, digits, ".", "_" and "-"`),
        ),
        upstream,
        "is no object; use one of names and what they stand for",
      ),
      v.check(
        (all) => Object.keys(all).length > 0,
        'names no upstream; add one, such as { api: { url: "https://…" } }',
      ),
    ),
  },
  "a configuration",
) as unknown as v.GenericSchema<unknown, Configuration>
