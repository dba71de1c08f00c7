import type { BodyInput } from "./body.ts"
import type { Signal } from "./cancellation.ts"
import type { CallOptions } from "./exchange.ts"
import type { HeadersInput } from "./headers.ts"
import type { PathInput, QueryInput } from "./url.ts"

/** What one call may say. Of `json`, `form` and `body` at most one. */
export interface RequestOptions extends CallOptions {
  /** Values for the `{names}` of the path; each becomes one encoded segment. */
  readonly path?: PathInput | undefined
  /** Query parameters, added to those of the URL and of the client. */
  readonly query?: QueryInput | undefined
  readonly headers?: HeadersInput | undefined
  /** A value that is sent as JSON. */
  readonly json?: unknown
  /** Fields that are sent as application/x-www-form-urlencoded, or FormData as multipart/form-data. */
  readonly form?: FormData | URLSearchParams | Readonly<Record<string, string>> | undefined
  /** Anything else that can be sent. */
  readonly body?: BodyInput | undefined
  /** An AbortSignal, or a Cancellation: ends the call at any moment; it rejects with the signal's reason. */
  readonly signal?: Signal | undefined
  /** The most bytes of a buffered body. Default 64 MiB. */
  readonly maxBodyBytes?: number | undefined
}
