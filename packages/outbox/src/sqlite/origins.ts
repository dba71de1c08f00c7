import type { Connection } from "./connection.ts"

/** Origins by number and the other way round. Once written they stay, so that what was read holds for good. */
export class Origins {
  readonly #connection: Connection
  readonly #numbers = new Map<string, number>()
  readonly #names = new Map<number, string>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** The number of an origin; undefined for one that no entry ever had. */
  find(origin: string): number | undefined {
    const known = this.#numbers.get(origin)
    if (known !== undefined) return known
    const row = this.#connection.get<{ id: number }>("SELECT id FROM origins WHERE origin = ?", origin)
    return row === undefined ? undefined : this.#keep(row.id, origin)
  }

  /** The number of an origin, which is written down when it is a new one. */
  numberOf(origin: string): number {
    const known = this.find(origin)
    if (known !== undefined) return known
    const row = this.#connection.get<{ id: number }>("INSERT INTO origins (origin) VALUES (?) RETURNING id", origin)
    if (row === undefined) throw new Error(`the origin ${origin} was given no number`)
    return this.#keep(row.id, origin)
  }

  nameOf(number: number): string {
    const known = this.#names.get(number)
    if (known !== undefined) return known
    const row = this.#connection.get<{ origin: string }>("SELECT origin FROM origins WHERE id = ?", number)
    if (row === undefined) throw new Error(`there is no origin ${number}`)
    this.#keep(number, row.origin)
    return row.origin
  }

  /** After a transaction that was taken back: what it wrote is not there. */
  forget(): void {
    this.#numbers.clear()
    this.#names.clear()
  }

  #keep(number: number, origin: string): number {
    this.#numbers.set(origin, number)
    this.#names.set(number, origin)
    return number
  }
}
