import { OutboxError, type Entry, type EntryQuery, type Outbox } from "@steadfetch/outbox"
import { UsageError } from "../usage-error.ts"
import { isWholeId, lastWith, tellingLength } from "./id-prefix.ts"

const LONGEST_PAGE = 1000
/** Entries whose ids begin alike stand together, but for those that took long to be written. */
const LOOKED_AT = 100

/**
 * The entry whose id begins so.
 * @throws OutboxError "unknown" when there is none; UsageError when several do.
 */
export async function entryOf(outbox: Outbox, prefix: string): Promise<Entry> {
  if (isWholeId(prefix)) return outbox.receipt(prefix).status()
  const near = await outbox.list({ after: lastWith(prefix), limit: LOOKED_AT })
  const [found, ...others] = near.filter(({ id }) => id.startsWith(prefix))
  if (found === undefined)
    throw new OutboxError(
      "unknown",
      `there is no entry whose id begins with ${prefix}; steadfetch outbox list shows them`,
    )
  if (others.length === 0) return found
  const ids = [found, ...others].map(({ id }) => id)
  const shown = ids.slice(0, 5).map((id) => id.slice(0, tellingLength(ids)))
  throw new UsageError(
    `${ids.length === near.length && near.length === LOOKED_AT ? "many" : ids.length} ids begin with ${prefix}: ${shown.join(", ")}${ids.length > shown.length ? ", …" : ""}; give more of it`,
  )
}

/** All entries that a query finds, newest first, page by page. */
export async function* allEntries(outbox: Outbox, query: EntryQuery, signal: AbortSignal): AsyncGenerator<Entry> {
  let after: string | undefined
  for (;;) {
    signal.throwIfAborted()
    const page = await outbox.list({ ...query, after, limit: LONGEST_PAGE })
    yield* page
    if (page.length < LONGEST_PAGE) return
    after = page.at(-1)?.id
  }
}

/** The first bytes of an entry's body, and whether there are more; undefined without one. */
export async function beginningOf(
  entry: Entry,
  mostBytes: number,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean } | undefined> {
  const body = await entry.body()
  if (body === undefined) return undefined
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body) {
    pieces.push(piece)
    length += piece.byteLength
    if (length > mostBytes) break
  }
  return { bytes: Buffer.concat(pieces).subarray(0, mostBytes), isCut: length > mostBytes }
}
