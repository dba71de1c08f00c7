import { type Queryable, sqlState } from "./connection.ts"

/** Outside of a transaction a savepoint is refused with this. */
const NO_TRANSACTION = "25P01"
const SAVEPOINT = "steadfetch_outbox"

/**
 * Runs statements in the transaction that a user has begun, all or none: what fails leaves it as it was.
 * @throws TypeError for what is no connection within a transaction.
 */
export async function withinUsers<T>(transaction: unknown, run: (tx: Queryable) => Promise<T>): Promise<T> {
  if (!isQueryable(transaction)) {
    throw new TypeError(
      "transaction must be a node-postgres client within BEGIN, or have its query(text, values) that resolves to { rows }",
    )
  }
  try {
    await transaction.query(`SAVEPOINT ${SAVEPOINT}`)
  } catch (error) {
    if (sqlState(error) !== NO_TRANSACTION) throw error
    throw new TypeError(
      "transaction must be within BEGIN: give the client on which you have run it (a pool takes any connection)",
      { cause: error },
    )
  }
  try {
    // Its commit is the outbox's promise.
    await transaction.query(
      "SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off'",
    )
    const result = await run(transaction)
    await transaction.query(`RELEASE SAVEPOINT ${SAVEPOINT}`)
    return result
  } catch (error) {
    await transaction.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`).catch(() => {})
    throw error
  }
}

function isQueryable(value: unknown): value is Queryable {
  return typeof value === "object" && value !== null && "query" in value && typeof value.query === "function"
}
