import type { BreakerOptions, Rule } from "steadfetch"

/** Where a secret is: in an environment variable or a file, never in the configuration itself. */
export type Secret = { readonly env: string } | { readonly file: string }

/** An address to listen on. */
export interface Address {
  /** Default "127.0.0.1": this machine alone. */
  readonly host?: string | undefined
  /** 0 is one that is free. */
  readonly port?: number | undefined
}

/** Who may use the gateway, beside programs on this machine that name it by a loopback address. */
export interface AllowList {
  /** Names in Host that are answered, without port; "*" is any, and needs a token. */
  readonly hosts?: readonly string[] | undefined
  /** Origins of web pages that may use the gateway. Default: none. */
  readonly origins?: readonly string[] | undefined
}

/** What a caller may ask of the gateway, and how long it may take for it. */
export interface Limits {
  /** The head of a request, in bytes; a larger one gets 431. Default 16,384. */
  readonly headBytes?: number | undefined
  /** Header fields of a request; more get 431. Default 100. */
  readonly headFields?: number | undefined
  /** The request target, in bytes; a longer one gets 414. Default 8192. */
  readonly targetBytes?: number | undefined
  /** Milliseconds until the head of a request has arrived, else 408. Default 10,000. */
  readonly headMs?: number | undefined
  /** Milliseconds until a request has arrived with its body, else 408; false for no limit. Default 300,000. */
  readonly requestMs?: number | false | undefined
  /** Milliseconds that a connection may stay open without a request. Default 60,000. */
  readonly keepAliveMs?: number | undefined
  /** Milliseconds that a caller may leave a reply unread before its connection is closed. Default 60,000. */
  readonly unreadMs?: number | undefined
  /** Connections at the same time; further ones are closed. Default: as many as the system allows. */
  readonly connections?: number | undefined
}

/** How request bodies are kept for another attempt. */
export interface BodyLimits {
  /** Up to so many bytes are kept in memory. Default 1 MiB. */
  readonly memoryBytes?: number | undefined
  /** Up to so many bytes in all are kept; what is above `memoryBytes` in a temporary file. A longer body is sent once. Default 256 MiB. */
  readonly fileBytes?: number | undefined
  /** A longer body gets 413. Default: no limit. */
  readonly mostBytes?: number | undefined
}

export type ContractName = "documented" | "strict" | "rfc9110"

/** What each status means: a table by name, and rows of one's own that go before it. */
export type ContractChoice =
  | ContractName
  | { readonly base?: ContractName | undefined; readonly rows: Readonly<Record<string, Rule>> }

/** What the gateway proves itself with to an upstream, unless the caller brings a credential of its own. */
export type AuthChoice =
  | { readonly bearer: Secret }
  | { readonly basic: { readonly user: string; readonly password: Secret } }
  | { readonly apiKey: Secret & { readonly header?: string | undefined; readonly query?: string | undefined } }

/** Numbers of the retry policy, as in steadfetch's RetryOptions. */
export interface RetryChoice {
  readonly attempts?: number | undefined
  readonly baseMs?: number | undefined
  readonly capMs?: number | undefined
  readonly maxWaitMs?: number | undefined
  readonly budget?:
    | { readonly perSuccess?: number | undefined; readonly capacity?: number | undefined }
    | false
    | undefined
}

/** Where requests with `Prefer: respond-async` are written down, to be made until they are settled. */
export interface OutboxChoice {
  /** An SQLite file on a disk of this machine, which is made when it is missing. */
  readonly file: string
  /** Where callers learn what has become of a request: `PATH/ID`, on the gateway's own port. Default "/-/outbox". */
  readonly path?: string | undefined
  /** Milliseconds from when a request is due first until it expires. Default 3 days. */
  readonly lifetimeMs?: number | undefined
  /** The most deliveries per second to one origin. Default: no limit. */
  readonly perSecond?: number | undefined
  /** How many are delivered at the same time. Default 32, and 8 to one origin. */
  readonly concurrency?: { readonly total?: number | undefined; readonly perOrigin?: number | undefined } | undefined
  /** How long a request waits after a 5xx or no reply, doubled with each try. Default 1,000 up to 3,600,000. */
  readonly backoff?: { readonly baseMs?: number | undefined; readonly maxMs?: number | undefined } | undefined
  /** What may wait at most; above it requests get 503. Default 1,000,000 entries, bodies of 1 GiB, 10 GiB in all. */
  readonly limits?:
    | {
        readonly entries?: number | undefined
        readonly bodyBytes?: number | undefined
        readonly totalBytes?: number | undefined
      }
    | undefined
  /** Encrypts what is written down: 32 bytes in base64. Default: not. */
  readonly encryption?: { readonly key: Secret } | undefined
}

/** A server that calls are handed on to. */
export interface Upstream {
  /** Its URL; what follows the prefix in a request's path is put behind it. */
  readonly url: string
  /** Requests below this path are its; the prefix is taken off. Default: all. */
  readonly prefix?: string | undefined
  /** Requests with this name in Host are its. Default: any. */
  readonly host?: string | undefined
  /** steadfetch's list of policies. Default "standard". */
  readonly preset?: "standard" | "gentle" | "lowLatency" | undefined
  /** Default "documented". */
  readonly contract?: ContractChoice | undefined
  /** False sends every request once. */
  readonly retry?: RetryChoice | false | undefined
  /** Per attempt, in milliseconds. Default 20,000 until the headers, 60,000 without a byte of the body. */
  readonly timeout?:
    | { readonly attemptMs?: number | false | undefined; readonly stallMs?: number | false | undefined }
    | false
    | undefined
  /** Milliseconds until a reply's headers, all attempts and waits included; false for no limit. Default 60,000. */
  readonly deadlineMs?: number | false | undefined
  /** How POST and PATCH are given a key where the caller set none; false sends the caller's alone. */
  readonly idempotencyKey?:
    | { readonly header?: string | undefined; readonly format?: "raw" | "quoted" | undefined }
    | false
    | undefined
  /** A circuit breaker; true for its defaults. */
  readonly breaker?: true | Omit<BreakerOptions, "isFailure" | "key"> | undefined
  readonly auth?: AuthChoice | undefined
  readonly body?: BodyLimits | undefined
  /** Replies whose Content-Length is up to so many bytes arrive inside their attempt, so that one that breaks off is fetched again. Default 65,536. */
  readonly wholeReplyBytes?: number | undefined
  /**
   * False leaves Via out of requests, which RFC 9110 asks gateways for: some servers, nginx among them, compress nothing for
   * requests that have it. Without it a loop is not noticed.
   */
  readonly via?: boolean | undefined
  /** False takes no part in the outbox: `Prefer: respond-async` is ignored. */
  readonly outbox?: false | undefined
  /** What is told of the caller in Forwarded and X-Forwarded-*: in place of what it said itself, behind it, or nothing. Default "replace". */
  readonly forwarded?: "replace" | "append" | false | undefined
}

/** All that a gateway is told. */
export interface Configuration {
  /** Default port 8480. */
  readonly listen?: Address | undefined
  /** Where `/-/health`, `/-/ready` and `/-/metrics` are; false for nowhere. Default port 8481. */
  readonly admin?: Address | false | undefined
  /** What callers have to show in Steadfetch-Token; needed where it listens elsewhere than on loopback. */
  readonly token?: Secret | undefined
  readonly allow?: AllowList | undefined
  readonly limits?: Limits | undefined
  /** Milliseconds that requests under way have to end when the gateway closes. Default 30,000. */
  readonly shutdownMs?: number | undefined
  /** Whether each request is logged. Default true. */
  readonly accessLog?: boolean | undefined
  /** Default: none, and `Prefer: respond-async` is ignored. */
  readonly outbox?: OutboxChoice | undefined
  readonly upstreams: Readonly<Record<string, Upstream>>
}
