import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"

/** A connection and its prepared statements, which are kept. */
export class Connection {
  readonly database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /**
   * @param path Of the file.
   * @param busyMs How long SQLite may block the program while another process writes. Short: the rest is waited for outside.
   */
  constructor(path: string, busyMs: number) {
    this.database = new DatabaseSync(path, { timeout: busyMs })
  }

  /** @returns The first row; the type is what the statement selects. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only the statement's text knows its rows
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[]
  }

  /** @returns How many rows it has changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes)
  }

  close(): void {
    this.#statements.clear()
    if (this.database.isOpen) this.database.close()
  }

  #statement(sql: string): StatementSync {
    const kept = this.#statements.get(sql)
    if (kept !== undefined) return kept
    const statement = this.database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
