import type { Conclusion, Lease } from "../store.ts"
import type { Connection, Queryable, Row } from "./connection.ts"
import { bufferOf, isId, textsOf, wakeAt } from "./entries.ts"
import type { Lanes, Ticket } from "./lanes.ts"
import type { Order } from "./order.ts"

/** How a sending ended. */
export interface Ending {
  readonly lease: Lease
  readonly conclusion: Conclusion
}

export interface Ended {
  readonly isHeld: boolean
  /** Whether an entry may be due now that was not before. */
  readonly isWork: boolean
}

/** What has to be known of an entry before its transaction begins. */
interface Held extends Ending {
  readonly row: Row
  /** Where it waits from now on. */
  readonly lane: number
}

const LOST: Ended = { isHeld: false, isWork: false }

export class Concluding {
  readonly #connection: Connection
  readonly #table: string
  readonly #lanes: Lanes
  readonly #order: Order

  constructor(connection: Connection, schema: string, lanes: Lanes, order: Order) {
    this.#connection = connection
    this.#table = `${schema}.outbox_entry`
    this.#lanes = lanes
    this.#order = order
  }

  /**
   * Writes those of whose ordering key nobody else is changing entries at this moment, or waits for them.
   * Resolves to undefined for the others.
   */
  async conclude(endings: readonly Ending[], isPatient: boolean): Promise<readonly (Ended | undefined)[]> {
    const held = await this.#held(endings)
    if (held.length === 0) return endings.map(() => LOST)
    const written = await this.#connection.transaction(async (tx) => {
      const keys = keysOf(held)
      if (isPatient) await this.#order.lock(keys, tx)
      const busy = isPatient ? new Set<string>() : await this.#order.tryLock(keys, tx)
      const isBusy = (one: Held): boolean => keysOf([one]).some((key) => busy.has(key))
      const later = held.filter(isBusy).map(({ lease }) => [lease.token, undefined] as const)
      const free = held.filter((one) => !isBusy(one))
      return new Map([...later, ...(free.length > 0 ? await this.#write(free, tx) : [])])
    })
    return endings.map(({ lease }) => (written.has(lease.token) ? written.get(lease.token) : LOST))
  }

  /** While a lease is held, nobody else changes what is read here. */
  async #held(endings: readonly Ending[]): Promise<readonly Held[]> {
    const valid = endings.filter(({ lease }) => isId(lease.id) && isId(lease.token))
    const rows = await this.#connection.query(
      `SELECT lease, origin, priority, ordering_key, lane, expires_at FROM ${this.#table}
       WHERE id = ANY($1) AND lease = ANY($2)`,
      [valid.map(({ lease }) => lease.id), valid.map(({ lease }) => lease.token)],
    )
    const byToken = new Map(rows.map((row) => [row["lease"], row]))
    const held: Held[] = []
    for (const ending of valid) {
      const row = byToken.get(ending.lease.token)
      if (row === undefined) continue
      held.push({ ...ending, row, lane: await this.#laneAfter(ending.conclusion, row) })
    }
    return held
  }

  async #laneAfter({ state, dueAt }: Conclusion, row: Row): Promise<number> {
    if (state !== "waiting") return Number(row["lane"])
    const at = wakeAt({ dueAt, expiresAt: Number(row["expires_at"]) })
    return (await this.#lanes.of(String(row["origin"]), Number(row["priority"]), at)).id
  }

  /** Their keys are locked. */
  async #write(held: readonly Held[], tx: Queryable): Promise<readonly (readonly [token: string, Ended])[]> {
    const ended = await this.#writeRows(held, tx)
    const written = held.filter(({ lease }) => ended.has(lease.token))
    await this.#lanes.withdraw(
      written.map(({ lease, row }) => ({ id: lease.id, lane: Number(row["lane"]) })),
      tx,
    )
    await this.#lanes.issue(
      written.flatMap(({ lease }) => ended.get(lease.token) ?? []),
      tx,
    )
    const isNext = await this.#order.settle(keysOf(held), tx)
    return written.map(({ lease, conclusion }) => [
      lease.token,
      { isHeld: true, isWork: isNext || conclusion.state === "waiting" },
    ])
  }

  /** Resolves to the leases that were held still, each with the ticket that is to be issued. */
  async #writeRows(held: readonly Held[], tx: Queryable): Promise<ReadonlyMap<string, Ticket | undefined>> {
    const column = <T>(of: (held: Held) => T): T[] => held.map((one) => of(one))
    const { rows } = await tx.query(
      `UPDATE ${this.#table} e SET state = c.state, version = e.version + 1, changed_at = c.at, due_at = c.due_at,
         tries = c.tries, result = c.result, lane = c.lane, lease = NULL, lease_until = NULL,
         ticketed = c.state = 'waiting' AND e.ordering_key IS NULL
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::integer[], $7::bytea[], $8::integer[])
         AS c(entry, token, state, at, due_at, tries, result, lane)
       WHERE e.id = c.entry AND e.lease = c.token
       RETURNING c.token, e.id, e.version, e.lane, e.wake_at, e.ticketed`,
      [
        column(({ lease }) => lease.id),
        column(({ lease }) => lease.token),
        column(({ conclusion }) => conclusion.state),
        column(({ conclusion }) => Math.floor(conclusion.at)),
        column(({ conclusion }) => Math.ceil(conclusion.dueAt)),
        column(({ conclusion }) => conclusion.tries),
        column(({ conclusion }) => (conclusion.result === undefined ? null : bufferOf(conclusion.result))),
        column(({ lane }) => lane),
      ],
    )
    return new Map(
      rows.map((row) => [
        String(row["token"]),
        row["ticketed"] === true
          ? {
              id: String(row["id"]),
              version: Number(row["version"]),
              lane: Number(row["lane"]),
              wakeAt: Number(row["wake_at"]),
            }
          : undefined,
      ]),
    )
  }

  /** Resolves to the leases that are held no more. */
  async renew(leases: readonly Lease[], until: number): Promise<readonly Lease[]> {
    const valid = leases.filter(({ id, token }) => isId(id) && isId(token))
    const rows = await this.#connection.query(
      `UPDATE ${this.#table} e SET lease_until = $3 FROM unnest($1::uuid[], $2::uuid[]) AS l(entry, token)
       WHERE e.id = l.entry AND e.lease = l.token RETURNING l.token`,
      [valid.map(({ id }) => id), valid.map(({ token }) => token), Math.ceil(until)],
    )
    const renewed = new Set(rows.map((row) => row["token"]))
    return leases.filter(({ token }) => !renewed.has(token))
  }
}

function keysOf(held: readonly Held[]): readonly string[] {
  return textsOf(
    "ordering_key",
    held.map(({ row }) => row),
  )
}
