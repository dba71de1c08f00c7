import type { HeaderFields, ReplyBody } from "steadfetch"
import { RelayedBody, type BodyReader } from "./relayed-body.ts"
import { RelayedFields, type FlatFields } from "./relayed-fields.ts"

/** Header fields of a relayed reply: also known line by line, in order and as they were spelled. */
export interface RelayedHeaders extends HeaderFields {
  readonly lines: FlatFields
}

/** The body of a relayed reply: as it was sent, codings and all. */
export interface RelayedReplyBody extends ReplyBody {
  /** The fields that came after the body; undefined as long as it has not ended. */
  readonly trailers: FlatFields | undefined
  /** Gives the body to its one reader: what has arrived at once, the rest as it comes. */
  readBy(reader: BodyReader): void
  /** The reader takes more. */
  resume(): void
}

/** The header fields as the relay has them; undefined for those of a reply that a policy made. */
export function relayedHeaders(headers: HeaderFields): RelayedHeaders | undefined {
  return headers instanceof RelayedFields ? headers : undefined
}

/** The body as the relay has it; undefined for one that a policy made. */
export function relayedBody(body: ReplyBody): RelayedReplyBody | undefined {
  return body instanceof RelayedBody ? body : undefined
}
