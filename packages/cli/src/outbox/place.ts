import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"

/** Where an outbox is kept. */
export interface Place {
  readonly kind: "sqlite" | "postgres" | "redis"
  /** A path, or a URL that is not to be shown. */
  readonly address: string
  /** Whether a password stands among the arguments. */
  readonly showsPassword: boolean
}

const FORMS = "give the path of a SQLite file, postgres://…, redis://… or unix:///run/redis.sock"

interface Given {
  readonly store?: string | undefined
  readonly "store-env"?: string | undefined
}

/** @throws UsageError when none is named, or by something else. */
export function parsePlace(given: Given, env: Surroundings["env"]): Place {
  const { store, "store-env": name } = given
  if (store !== undefined && name !== undefined)
    throw new UsageError("--store and --store-env both name the outbox; give one")
  if (store !== undefined) return placeOf("--store", store, true)
  if (name !== undefined) return placeOf("--store-env", valueOf("--store-env", name, env), false)
  const usual = env["STEADFETCH_OUTBOX"]
  if (usual === undefined || usual === "")
    throw new UsageError(`the outbox is missing; ${FORMS} with --store, or in the variable STEADFETCH_OUTBOX`)
  return placeOf("STEADFETCH_OUTBOX", usual, false)
}

/** What a variable holds that an option names. @throws UsageError when it is not set. */
function valueOf(option: string, name: string, env: Surroundings["env"]): string {
  const value = env[name]
  if (value !== undefined && value !== "") return value
  throw new UsageError(
    `${option}: the environment variable ${name} is ${value === undefined ? "not set" : "empty"}; export it first`,
  )
}

/** The place that an option or a variable names. @throws UsageError for what is none. */
export function placeOf(option: string, text: string, isArgument: boolean): Place {
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (text === "") throw new UsageError(`${option} is empty; ${FORMS}`)
  if (scheme === undefined) return { kind: "sqlite", address: text, showsPassword: false }
  if (scheme === "unix") return { kind: "redis", address: text.slice("unix://".length), showsPassword: false }
  const kind = /^postgres(ql)?$/.test(scheme) ? "postgres" : /^rediss?$/.test(scheme) ? "redis" : undefined
  if (kind === undefined) throw new UsageError(`${option} begins with ${scheme}://; ${FORMS}`)
  // The text may hold a password.
  const url = URL.parse(text)
  if (url === null && kind === "redis") throw new UsageError(`${option} is a URL that cannot be read; ${FORMS}`)
  const hasPassword = /:\/\/[^/]*:[^/]*@|[?&]password=/i.test(text)
  return { kind, address: text, showsPassword: isArgument && hasPassword }
}

/** The 32 bytes in a variable. @throws UsageError for what is neither base64 nor hex of as many. */
export function parseKey(option: string, name: string, env: Surroundings["env"]): Uint8Array {
  const text = valueOf(option, name, env).trim()
  const bytes = /^[\da-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : Buffer.from(text, "base64")
  if (bytes.byteLength === 32 && /^[\w+/-]+={0,2}$/.test(text)) return bytes
  throw new UsageError(
    `${option}: the environment variable ${name} holds no 32 bytes in base64 or hex; give the key that the outbox was made with`,
  )
}
