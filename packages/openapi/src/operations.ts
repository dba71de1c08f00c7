/** What a path of a generated `paths` can be called with. */
export type HttpMethod = "get" | "head" | "post" | "put" | "patch" | "delete"

/** An object without members: assignable to whatever needs none. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that is what it is for
export type Nothing = Record<never, never>

declare const unknownPath: unique symbol

/** No path that anybody writes. What a wrong path is taken for would else be all paths at once, which takes minutes. */
type UnknownPath = string & { readonly [unknownPath]: never }

/** The paths that a document declares for a method; made once for each method, and not for each call. */
export type PathsWith<Paths, Method extends HttpMethod> =
  | {
      [Path in keyof Paths]: Paths[Path] extends { readonly [M in Method]: object } ? Path & string : never
    }[keyof Paths]
  | UnknownPath

/** What the document says about one method of one path. */
export type Operation<Paths, Path, Method extends HttpMethod> = [UnknownPath] extends [Path]
  ? UnknownOperation
  : Paths[Path & keyof Paths] extends { readonly [M in Method]: infer Found }
    ? Found
    : never

/** It needs nothing and takes anything: what is wrong is the path, and the compiler is to say so. */
interface UnknownOperation {
  readonly parameters: { readonly path?: never; readonly query?: never }
  readonly responses: Nothing
}

/** The media types of `Content` that hold JSON (RFC 6839). */
export type JsonType<Content> = Extract<
  keyof Content,
  | "application/json"
  | "text/json"
  | `application/json;${string}`
  | `application/json ;${string}`
  | `${string}+json`
  | `${string}+json;${string}`
>

/** The media types of `Content` that a reply of JSON can have: any type, too, as some generators of documents declare. */
export type JsonReplyType<Content> = JsonType<Content> | Extract<keyof Content, "*/*" | "application/*">
