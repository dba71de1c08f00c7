import { checked, checkFunction, kindOf, knownOptions, refuse, whole, type Client } from "steadfetch"
import { checkAfterRejection, checkLifetime, MOST_LIFETIME_MS } from "./enqueue/terms.ts"
import type { AfterRejection } from "./entry.ts"
import type { EncryptionOptions } from "./sealing/aes-sealer.ts"
import type { Store } from "./store.ts"
import type { OutboxListeners } from "./told.ts"

/** Options of {@link openOutbox}. */
export interface OutboxOptions {
  /** The client that makes the calls: its base, credentials, contract, policies, transport and time hold. */
  readonly api: Client
  /** Where entries are kept: `sqlite("outbox.db")`, say. */
  readonly store: Store
  /** How many entries are sent at the same time by this process. */
  readonly concurrency?: ConcurrencySettings | undefined
  /** The most deliveries per second to one origin, by this process. Default: no limit, but for what has piled up in an outage. */
  readonly perSecond?: number | undefined
  /** How long an entry waits after a 5xx or no reply. */
  readonly backoff?: BackoffSettings | undefined
  /** Milliseconds from when an entry is due first until it expires. Default 3 days. */
  readonly lifetimeMs?: number | undefined
  /** How long entries are kept that are settled. */
  readonly keep?: KeepSettings | undefined
  /** What may wait at most. Beyond it nothing is taken: OutboxError "full". */
  readonly limits?: LimitSettings | undefined
  /** Encrypts what is stored. Default: not. An outbox is encrypted from its first entry on. */
  readonly encryption?: EncryptionOptions | undefined
  /** Whether a rejected or expired entry holds up those behind it that have its ordering key. Default "hold". */
  readonly afterRejection?: AfterRejection | undefined
  /** Told of what happens in this process, once it is durable. */
  readonly on?: OutboxListeners | undefined
}

/** See {@link OutboxOptions.concurrency}. */
export interface ConcurrencySettings {
  /** Default 32. */
  readonly total?: number | undefined
  /** To one origin. Default 8. */
  readonly perOrigin?: number | undefined
}

/** See {@link OutboxOptions.backoff}: between 0 and `baseMs`, doubled with each try up to `maxMs`; never less than Retry-After. */
export interface BackoffSettings {
  /** Default 1,000. */
  readonly baseMs?: number | undefined
  /** Default 3,600,000: an hour. */
  readonly maxMs?: number | undefined
}

/** See {@link OutboxOptions.keep}. Milliseconds since the entry's last change; Infinity keeps it for ever. */
export interface KeepSettings {
  /** Default 7 days. */
  readonly deliveredMs?: number | undefined
  /** Default 90 days. */
  readonly rejectedMs?: number | undefined
  /** Default 90 days. */
  readonly expiredMs?: number | undefined
  /** Default 7 days. */
  readonly discardedMs?: number | undefined
}

/** See {@link OutboxOptions.limits}. */
export interface LimitSettings {
  /** Entries that wait or are being sent. Default 1,000,000. */
  readonly entries?: number | undefined
  /** Bytes of one body. Default 1 GiB. */
  readonly bodyBytes?: number | undefined
  /** Bytes of the bodies of all that wait or are being sent. Default 10 GiB. */
  readonly totalBytes?: number | undefined
}

/** The options, checked and whole. */
export interface Settings {
  readonly concurrency: Numbers<ConcurrencySettings>
  readonly perSecond: number | undefined
  readonly backoff: Numbers<BackoffSettings>
  readonly lifetimeMs: number
  readonly keep: Numbers<KeepSettings>
  readonly limits: Numbers<LimitSettings>
  readonly afterRejection: AfterRejection
}

type Numbers<T> = { readonly [K in keyof T]-?: number }

const DAY_MS = 86_400_000

const KNOWN: readonly string[] = [
  "api", "store", "concurrency", "perSecond", "backoff", "lifetimeMs", "keep", "limits", "encryption", "afterRejection", "on",
] // prettier-ignore

const STORE_METHODS = ["open", "add", "claim", "renew", "conclude", "alter", "read", "listen", "close"] as const

/** @throws ConfigurationError for options that cannot be. */
export function checkedSettings(options: OutboxOptions): Settings {
  knownOptions("openOutbox", options, KNOWN)
  const { api, store, perSecond, lifetimeMs = 3 * DAY_MS, afterRejection = "hold" } = options
  checkFunction("api.request", (api as Partial<Client> | undefined)?.request ?? null)
  for (const method of STORE_METHODS)
    if (typeof (store as Partial<Store> | undefined)?.[method] !== "function")
      refuse("store", kindOf(store), 'a store: sqlite("outbox.db")')
  const settings: Settings = {
    concurrency: numbers("concurrency", options.concurrency, { total: 32, perOrigin: 8 }, whole, 1),
    perSecond: perSecond === undefined ? undefined : checked("perSecond", perSecond, 0.001),
    backoff: numbers("backoff", options.backoff, { baseMs: 1000, maxMs: 3_600_000 }, checked, 1, MOST_LIFETIME_MS),
    lifetimeMs: checkLifetime("lifetimeMs", lifetimeMs),
    keep: numbers("keep", options.keep, { deliveredMs: 7 * DAY_MS, rejectedMs: 90 * DAY_MS, expiredMs: 90 * DAY_MS, discardedMs: 7 * DAY_MS }, checked, 0), // prettier-ignore
    limits: numbers("limits", options.limits, { entries: 1_000_000, bodyBytes: 2 ** 30, totalBytes: 10 * 2 ** 30 }, checked, 0), // prettier-ignore
    afterRejection: checkAfterRejection(afterRejection),
  }
  const { baseMs, maxMs } = settings.backoff
  if (baseMs > maxMs) refuse("backoff.baseMs", `${baseMs}, above maxMs (${maxMs})`, "a smaller one")
  return settings
}

function numbers<K extends string>(
  owner: string,
  given: Partial<Readonly<Record<K, number | undefined>>> | undefined,
  usual: Readonly<Record<K, number>>,
  check: (name: string, value: number, least: number, most?: number) => number,
  least: number,
  most?: number,
): Readonly<Record<K, number>> {
  const names = Object.keys(usual) as K[]
  const own: Partial<Readonly<Record<K, number | undefined>>> = given ?? {}
  knownOptions(owner, own, names)
  const entries = names.map((name) => [name, check(`${owner}.${name}`, own[name] ?? usual[name], least, most)])
  return Object.fromEntries(entries) as Record<K, number>
}
