import { isIP } from "node:net"
import { ConfigurationError, pipeline, systemRuntime, type Transport } from "steadfetch"
import * as v from "valibot"
import type { Configuration, Secret, Upstream } from "./configuration.ts"
import { policiesFor } from "./policies.ts"
import { encryptionKey, OUTBOX_PATH } from "./outbox.ts"
import { configurationSchema } from "./schema.ts"
import { obstacle, type Environment } from "./secrets.ts"

/** Something in a configuration that cannot be, and where it is. */
export interface Mistake {
  readonly path: readonly (string | number)[]
  /** What is wrong and what to do about it. */
  readonly message: string
}

/** All that is wrong with a configuration; nothing, when it is one. */
export function mistakesIn(value: unknown, env: Environment): readonly Mistake[] {
  const parsed = v.safeParse(configurationSchema, value)
  if (!parsed.success) return parsed.issues.map(asMistake)
  const { output } = parsed
  const ofUpstreams = Object.entries(output.upstreams).flatMap(([name, upstream]) =>
    inUpstream(upstream, env).map(({ path, message }) => ({ path: ["upstreams", name, ...path], message })),
  )
  return [...inEntry(output, env), ...inRoutes(output), ...inOutbox(output, env), ...ofUpstreams]
}

function asMistake({ path, message }: v.BaseIssue<unknown>): Mistake {
  return { path: path?.map(({ key }) => key as string | number) ?? [], message }
}

function inSecret(secret: Secret, env: Environment, path: Mistake["path"], isFieldValue = true): readonly Mistake[] {
  const message = obstacle(secret, env, isFieldValue)
  return message === undefined ? [] : [{ path: [...path, "env" in secret ? "env" : "file"], message }]
}

/** Whether only this machine can reach an address. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."))
}

function inEntry({ listen, admin, token, allow }: Configuration, env: Environment): readonly Mistake[] {
  const found: Mistake[] = token === undefined ? [] : [...inSecret(token, env, ["token"])]
  for (const [name, address] of Object.entries({ listen, admin })) {
    if (address === undefined || address === false || isLoopback(address.host ?? "127.0.0.1")) continue
    const message = `is ${JSON.stringify(address.host)}, which others can reach; add a token for them to show, or use "127.0.0.1"`
    if (token === undefined) found.push({ path: [name, "host"], message })
  }
  if (allow?.hosts?.includes("*") === true && token === undefined) {
    found.push({
      path: ["allow", "hosts"],
      message: 'has "*", with which web pages can reach the gateway; add a token for callers to show',
    })
  }
  return found
}

function inRoutes({ upstreams }: Configuration): readonly Mistake[] {
  const taken = new Map<string, string>()
  return Object.entries(upstreams).flatMap(([name, { host = "any host", prefix = "/" }]) => {
    const route = `${host.toLowerCase()} ${prefix.replace(/\/$/, "")}/`
    const other = taken.get(route)
    taken.set(route, name)
    if (other === undefined) return []
    const message = `takes the same requests as "${other}"; give it another "prefix" or "host"`
    return [{ path: ["upstreams", name], message }]
  })
}

function inOutbox({ outbox, upstreams }: Configuration, env: Environment): readonly Mistake[] {
  if (outbox === undefined) return []
  const { path = OUTBOX_PATH, encryption, backoff = {} } = outbox
  const found: Mistake[] = []
  for (const [name, { prefix = "/" }] of Object.entries(upstreams)) {
    const isBeside = prefix === "/" || !`${path}/`.startsWith(`${prefix.replace(/\/$/, "")}/`)
    if (isBeside && !`${prefix}/`.startsWith(`${path}/`)) continue
    const message = `is where "${name}" has its prefix, ${JSON.stringify(prefix)}; give another "path", such as "/-/steadfetch"`
    found.push({ path: ["outbox", "path"], message })
  }
  const { baseMs = 1000, maxMs = 3_600_000 } = backoff
  if (baseMs > maxMs)
    found.push({ path: ["outbox", "backoff", "baseMs"], message: `is above "maxMs" (${maxMs}); lower it` })
  if (encryption === undefined) return found
  const ofKey = inSecret(encryption.key, env, ["outbox", "encryption", "key"])
  if (ofKey.length > 0) return [...found, ...ofKey]
  if (encryptionKey(encryption.key, env).byteLength !== 32) {
    const message = "is not 32 bytes in base64; make one with: openssl rand -base64 32"
    found.push({ path: ["outbox", "encryption", "key"], message })
  }
  return found
}

const noTransport: Transport = {
  send: () => Promise.reject(new Error("a pipeline on trial sends nothing")),
  close: async () => {},
}

function inUpstream(upstream: Upstream, env: Environment): readonly Mistake[] {
  const { auth, body } = upstream
  const found: Mistake[] = []
  if (auth !== undefined) {
    if ("bearer" in auth) found.push(...inSecret(auth.bearer, env, ["auth", "bearer"]))
    else if ("basic" in auth) found.push(...inSecret(auth.basic.password, env, ["auth", "basic", "password"], false))
    else found.push(...inSecret(auth.apiKey, env, ["auth", "apiKey"], auth.apiKey.query === undefined))
  }
  const { memoryBytes = 0, fileBytes = Number.POSITIVE_INFINITY } = body ?? {}
  if (memoryBytes > fileBytes) {
    found.push({ path: ["body", "memoryBytes"], message: `is above "fileBytes", which is for both; lower it` })
  }
  if (found.length > 0) return found
  try {
    // Core knows best what contradicts itself, such as an attempt that may take longer than the call.
    const runtime = systemRuntime()
    pipeline(
      policiesFor(upstream, env, () => runtime.clock.now()),
      noTransport,
      runtime,
    )
    return []
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error
    return [{ path: [], message: error.message }]
  }
}
