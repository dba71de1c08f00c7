import type { Call, ClientError, NoReply, Refusal, ServerError, ServerFailure, Success } from "steadfetch"
import type { JsonReplyType } from "./operations.ts"
import type {
  ClientErrorStatus,
  FirstDigit,
  ServerErrorStatus,
  StatusesAt,
  StatusesOfKeys,
  SuccessStatus,
} from "./statuses.ts"

/** A success with the body that the document declares for its status. */
export interface TypedSuccess<Status extends number, Response> extends Success {
  readonly status: Status
  readonly json: (() => Promise<JsonBody<Response, Status>>) & Success["json"]
}

/** A 4xx with the body that the document declares for its status. */
export interface TypedRefusal<Status extends number, Response> extends Refusal {
  readonly status: Status
  readonly json: (() => Promise<JsonBody<Response, Status>>) & Refusal["json"]
  readonly error: ClientError & { readonly status: Status; readonly body: ErrorBody<Response> }
}

/** A 5xx with the body that the document declares for its status. */
export interface TypedServerFailure<Status extends number, Response> extends ServerFailure {
  readonly status: Status
  readonly json: (() => Promise<JsonBody<Response, Status>>) & ServerFailure["json"]
  readonly error: ServerError & { readonly status: Status; readonly body: ErrorBody<Response> }
}

/** No reply has no status, which tells it from all others. */
export interface TypedNoReply extends NoReply {
  readonly status?: undefined
}

/** A call that knows what the document says about its replies. */
export interface TypedCall<Responses> extends Call {
  /** The body of a 2xx as JSON. Throws as `Call.json` does. */
  readonly json: (() => Promise<SuccessBody<Responses>>) & Call["json"]
  /** How the call ended; its `status`, or its `kind`, tells what it holds. Throws as `Call.outcome` does. */
  readonly outcome: (...options: Parameters<Call["outcome"]>) => Promise<TypedOutcome<Responses>>
  then<A = AcceptedReply<Responses>, B = never>(
    onSuccess?: ((reply: AcceptedReply<Responses>) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>
}

/** How a call can end: each declared status, the other statuses of each class, and no reply. */
export type TypedOutcome<Responses> =
  | {
      [Key in keyof Responses]: Replied<FirstDigit<Key>, StatusesAt<Key, keyof Responses>, Responses[Key]>
    }[keyof Responses]
  | Replied<"2", Exclude<SuccessStatus, StatusesOfKeys<keyof Responses>>, SuccessOtherwise<Responses>>
  | Replied<"4", Exclude<ClientErrorStatus, StatusesOfKeys<keyof Responses>>, Otherwise<Responses>>
  | Replied<"5", Exclude<ServerErrorStatus, StatusesOfKeys<keyof Responses>>, Otherwise<Responses>>
  | TypedNoReply

/** A reply of the class with this first digit; nothing where no status is left for it. */
type Replied<First, Status extends number, Response> = [Status] extends [never]
  ? never
  : First extends "2" | "3"
    ? TypedSuccess<Status, Response>
    : First extends "4"
      ? TypedRefusal<Status, Response>
      : First extends "5"
        ? TypedServerFailure<Status, Response>
        : never

/** The 2xx that a call can end with. */
export type AcceptedReply<Responses> =
  | {
      [Key in keyof Responses]: FirstDigit<Key> extends "2"
        ? TypedSuccess<StatusesAt<Key, keyof Responses>, Responses[Key]>
        : never
    }[keyof Responses]
  | TypedSuccess<Exclude<SuccessStatus, StatusesOfKeys<keyof Responses>>, SuccessOtherwise<Responses>>

/** The JSON of all 2xx that a call can end with. */
export type SuccessBody<Responses> =
  | { [Key in keyof Responses]: FirstDigit<Key> extends "2" ? JsonBody<Responses[Key], Key> : never }[keyof Responses]
  | DeclaredJson<SuccessOtherwise<Responses>>

/** The response of the document for a status that it does not name. */
type Otherwise<Responses> = Responses extends { readonly default: infer Response } ? Response : undefined

/** The same for a success: beside declared ones, `default` describes errors. */
type SuccessOtherwise<Responses> = "2" extends FirstDigit<keyof Responses> ? undefined : Otherwise<Responses>

/** Statuses whose replies have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
type Bodyless = 204 | 205 | 304

/** A body as JSON: undefined for a status without a body; never where the document declares no JSON. */
type JsonBody<Response, Status> = [Status] extends [Bodyless] ? undefined : DeclaredJson<Response>

type DeclaredJson<Response> = Response extends { readonly content: infer Content }
  ? Content[JsonReplyType<Content>]
  : never

/** An error's body: parsed when it is JSON, else its text; unknown where the document declares none. */
type ErrorBody<Response> = Response extends { readonly content: infer Content }
  ? Content[JsonReplyType<Content>] | (Exclude<keyof Content, JsonReplyType<Content>> extends never ? never : string)
  : unknown
