import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js"
import formats from "ajv-formats"
import { ConfigurationError, type SchemaIssue } from "steadfetch"
import { references, text, type Fields, type Follow } from "../document.ts"
import { SchemaDialect, type Direction } from "./json-schema.ts"
import { patterns } from "./patterns.ts"

/** The schemas of a document, each compiled when the first body comes for it. */
export class DocumentSchemas {
  readonly follow: Follow
  readonly #document: Fields
  readonly #ajv: Ajv2020
  readonly #compiled = new Map<Direction, WeakMap<object, ValidateFunction>>([
    ["request", new WeakMap()],
    ["reply", new WeakMap()],
  ])
  readonly #ids = new Map<string, string>()

  constructor(document: Fields) {
    this.#document = document
    this.follow = references(document)
    this.#ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      validateSchema: false,
      logger: false,
      code: { regExp: patterns },
    })
    formats.default(this.#ajv as never)
  }

  /** What is wrong with a body. @throws ConfigurationError for a schema that cannot be used. */
  issues(schema: Fields, direction: Direction, body: unknown, place: string): readonly SchemaIssue[] {
    if (Object.keys(schema).length === 0) return []
    const compiled = this.#compiled.get(direction)
    const validate = compiled?.get(schema) ?? this.#compile(schema, direction, place)
    compiled?.set(schema, validate)
    return validate(body) ? [] : (validate.errors ?? []).map(issueOf)
  }

  #compile(schema: Fields, direction: Direction, place: string): ValidateFunction {
    try {
      return this.#ajv.compile(this.#dialect(direction).converted(schema) as object)
    } catch (cause) {
      throw new ConfigurationError(
        `validation: the document's schema for ${place} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }

  #dialect(direction: Direction): SchemaDialect {
    const version = text(this.#document["openapi"])?.startsWith("3.0") === true ? "3.0" : "3.1"
    const dialect: SchemaDialect = new SchemaDialect(version, direction, this.follow, (reference) => {
      const key = `${direction} ${reference}`
      const known = this.#ids.get(key)
      if (known !== undefined) return known
      // Known before it is looked into: a schema may refer to itself.
      const id = `steadfetch:schema/${this.#ids.size}`
      this.#ids.set(key, id)
      this.#ajv.addSchema(dialect.converted(this.follow({ $ref: reference })) as object, id)
      return id
    })
    return dialect
  }
}

function issueOf({ instancePath, message = "is wrong" }: ErrorObject): SchemaIssue {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
  return { path: path.join("."), message }
}
