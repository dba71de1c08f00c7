/**
 * A schema that checks values at run time, and may change them: of zod, valibot, arktype, or whatever else implements
 * Standard Schema, version 1 (https://standardschema.dev). `T` is what it gives.
 */
export interface StandardSchema<T = unknown> {
  readonly "~standard": {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>
    readonly types?: { readonly output: T } | undefined
  }
}

/** What a {@link StandardSchema} says of a value: what it gives, or what is wrong. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
      }[]
    }

/** What a schema finds wrong with a value. */
export interface SchemaIssue {
  /** Names of members, and indices: "items.0.price"; empty for the value itself. */
  readonly path: string
  /** The schema's words; no more than "is wrong" for a member that is named like a credential, as they quote its value. */
  readonly message: string
}
