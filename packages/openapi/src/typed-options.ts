import type { BodyInput, RequestOptions } from "steadfetch"
import type { JsonType, Nothing } from "./operations.ts"

// Nothing here distributes over operations: for each call, the compiler would look through those of all paths.

/** What every call may say, whatever the document says. */
export type PlainOptions = Omit<RequestOptions, "path" | "query" | "headers" | "json" | "form" | "body">

/** The arguments after the path: the options may be left out when the document requires none. */
export type Given<Operation> =
  Nothing extends DeclaredOptions<Operation>
    ? [options?: PlainOptions & DeclaredOptions<Operation>]
    : [options: PlainOptions & DeclaredOptions<Operation>]

/** Parameters and body, as the document declares them. */
export type DeclaredOptions<Operation> = PathOption<Operation> &
  QueryOption<Operation> &
  HeadersOption<Operation> &
  BodyOption<Operation>

/** What `Operation` has under `parameters` and `Place`; undefined when it has nothing there. */
type Parameters<Operation, Place extends string> = [Operation] extends [
  { readonly parameters: { readonly [P in Place]?: infer Values } },
]
  ? Values
  : undefined

type PathOption<Operation> = [Parameters<Operation, "path">] extends [undefined]
  ? { readonly path?: undefined }
  : { readonly path: Parameters<Operation, "path"> }

type QueryOption<Operation> = [Parameters<Operation, "query">] extends [undefined]
  ? { readonly query?: undefined }
  : Optional<"query", OrUndefined<NonNullable<Parameters<Operation, "query">>>>

/** Any field may be sent; those that the document declares have its types. */
type HeadersOption<Operation> = [Parameters<Operation, "header">] extends [undefined]
  ? { readonly headers?: OtherFields | undefined }
  : Optional<"headers", OwnFields<NonNullable<Parameters<Operation, "header">>>, OtherFields>

/** Needed when one of its values is. */
type Optional<Name extends string, Values, Others = unknown> = Nothing extends Values
  ? { readonly [N in Name]?: (Values & Others) | undefined }
  : { readonly [N in Name]: Values & Others }

/** A value of a header field. */
export type FieldValue = string | number | boolean | undefined | null
type OtherFields = Readonly<Record<string, FieldValue | readonly FieldValue[]>>

/** Fields that a call need not bring, as the client has them: credentials, negotiation and the idempotency key. */
type ClientField = "authorization" | "accept" | "content-type" | `${string}idempotency-key`

type OwnFields<Fields> = OrUndefined<
  { [Name in keyof Fields as Lowercase<Name & string> extends ClientField ? never : Name]: Fields[Name] } & {
    [Name in keyof Fields as Lowercase<Name & string> extends ClientField ? Name : never]?: Fields[Name]
  }
>

/** What may be left out may be undefined as well: `{ after: page?.next }`. */
type OrUndefined<Values> = {
  readonly [Name in keyof Values]: Nothing extends Pick<Values, Name> ? Values[Name] | undefined : Values[Name]
}

type BodyOption<Operation> = [Operation] extends [{ readonly requestBody: { readonly content: infer Content } }]
  ? Bodies<Content>
  : [Operation] extends [{ readonly requestBody?: { readonly content: infer Content } }]
    ? Bodies<Content> | NoBody
    : NoBody

interface NoBody {
  readonly json?: undefined
  readonly form?: undefined
  readonly body?: undefined
}

/** One of the ways to write a body that the document allows. */
type Bodies<Content> = { [Type in keyof Content]: Written<Type, Content, Content[Type]> }[keyof Content]

type Written<Type, Content, Value> =
  Type extends JsonType<Content>
    ? { readonly json: Value; readonly form?: undefined; readonly body?: undefined }
    : Type extends `application/x-www-form-urlencoded${string}`
      ? { readonly form: Value; readonly json?: undefined; readonly body?: undefined }
      : Type extends `multipart/form-data${string}`
        ? { readonly form: WithFiles<Value> | FormData; readonly json?: undefined; readonly body?: undefined }
        : { readonly body: BodyInput; readonly json?: undefined; readonly form?: undefined }

/** Generators write binary fields as text. */
type WithFiles<Fields> = {
  readonly [Name in keyof Fields]: string extends Fields[Name]
    ? Fields[Name] | Blob
    : string[] extends Fields[Name]
      ? Fields[Name] | readonly Blob[]
      : Fields[Name]
}
