/** How a credential is sent: as a bearer token, as user name and password, in a header field or query parameter, or in a way of your own. */
export type SchemeKind = "bearer" | "basic" | "header" | "query" | "other"

/** One of the document's security schemes. */
export interface SchemeFacts<Kind extends SchemeKind = SchemeKind> {
  readonly kind: Kind
  /** Of the header field or the query parameter. */
  readonly name?: string | undefined
}

/** Where the API is: `{names}` in the URL stand for its variables. */
export interface ServerFacts {
  readonly url: string
  readonly variables?: Readonly<Record<string, ServerVariable>> | undefined
}

export interface ServerVariable {
  readonly default: string
  readonly enum?: readonly string[] | undefined
}

/** Alternatives; of each, all schemes are needed. None at all: the operation is open to everybody. */
export type SecurityFacts = readonly (readonly string[])[]

/**
 * How a list or an object is written, where a list is not a parameter for each item and an object does not have brackets:
 * `a=1,2`, `a=1 2`, `a=1|2`, `a[0]=1&a[1]=2`, or an object's members by themselves, `x=1&y=2`.
 */
export type ValueStyle = "comma" | "space" | "pipe" | "brackets" | "members"

/** What one operation says otherwise than most. */
export interface OperationFacts {
  readonly security?: SecurityFacts | undefined
  /** Its own server, where it has one. */
  readonly server?: string | undefined
  /** It takes the document's idempotency key. */
  readonly takesKey?: true | undefined
  /** The media type of its JSON, form or other body, where that is not the usual one. */
  readonly json?: string | undefined
  readonly form?: "multipart/form-data" | undefined
  readonly body?: string | undefined
  /** How lists and objects in its query, and in its form, are written. */
  readonly queryStyles?: Readonly<Record<string, ValueStyle>> | undefined
  readonly formStyles?: Readonly<Record<string, ValueStyle>> | undefined
}

/**
 * What a document says beyond its types: written by `steadfetch generate … -o api.ts`, or read from the document by
 * `describe`.
 */
export interface Description<
  Paths = unknown,
  Schemes extends Readonly<Record<string, SchemeKind>> = Readonly<Record<string, SchemeKind>>,
> {
  readonly servers: readonly ServerFacts[]
  readonly schemes: { readonly [Name in keyof Schemes]: SchemeFacts<Schemes[Name]> }
  /** What operations need that do not say otherwise. */
  readonly security: SecurityFacts
  /** The header field of the idempotency key; undefined when the document says nothing about one. */
  readonly idempotencyKey?: string | undefined
  /** By method and path: "POST /orders". */
  readonly operations: Readonly<Record<string, OperationFacts>>
  /** Nothing: carries the types. */
  readonly paths?: Paths | undefined
}
