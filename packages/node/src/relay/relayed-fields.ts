import { ReplyFields, type RawFields } from "../transport/reply-fields.ts"

/** Header fields one after another as they came: name, value, name, value. */
export type FlatFields = readonly string[]

/** A reply's header fields that are also known line by line, in order and as they were spelled. */
export class RelayedFields extends ReplyFields {
  readonly #wire: unknown
  #lines: FlatFields | undefined

  /** @param wire What undici read off the wire, before it parsed it. */
  constructor(raw: RawFields, wire: unknown) {
    super(raw)
    this.#wire = wire
  }

  get lines(): FlatFields {
    this.#lines ??= flatFields(this.#wire)
    return this.#lines
  }
}

/** HTTP/1.1 gives a list of names and values, HTTP/2 an object. Bytes are Latin-1, as header fields are. */
export function flatFields(wire: unknown): FlatFields {
  if (Array.isArray(wire))
    return wire.map((part: unknown) => (Buffer.isBuffer(part) ? part.toString("latin1") : String(part)))
  if (typeof wire !== "object" || wire === null) return []
  return Object.entries(wire).flatMap(([name, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value]).flatMap((line: unknown) => [name, String(line)]),
  )
}
