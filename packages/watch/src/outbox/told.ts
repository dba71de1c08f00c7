import type { ToldDetails, ToldEntry, ToldOrigin } from "./messages.ts"
import type { WatchedEntry, WatchedOrigin } from "./watched-outbox.ts"

/** Longer bodies are shown in part, and not edited here. */
const MOST_SHOWN_BYTES = 256 * 1024

/** Longer texts are cut. */
const MOST_TEXT = 2000

export function toldEntry(entry: WatchedEntry): ToldEntry {
  const { id, state, version, method, origin, tries, waitingFor, last } = entry
  return {
    id,
    state,
    version,
    method,
    url: cut(entry.url),
    origin,
    addedAt: entry.addedAt.getTime(),
    dueAt: entry.dueAt.getTime(),
    expiresAt: entry.expiresAt.getTime(),
    tries,
    waitingFor,
    status: last?.status,
    message: last?.message === undefined ? undefined : cut(last.message),
  }
}

export async function toldDetails(entry: WatchedEntry): Promise<ToldDetails> {
  const { key, orderingKey, idempotencyKey, headers, last, bodyBytes } = entry
  const body = await shownBody(entry)
  return {
    ...toldEntry(entry),
    key,
    orderingKey,
    idempotencyKey,
    headers,
    last: last && { ...last, at: last.at.getTime() },
    bodyBytes,
    ...body,
  }
}

export function toldOrigins(origins: readonly WatchedOrigin[]): readonly ToldOrigin[] {
  return origins.flatMap(({ origin, states, gate }) =>
    gate === undefined || gate.state === "open"
      ? []
      : { origin, waiting: states.waiting, gate: gate.state, until: gate.until?.getTime() },
  )
}

async function shownBody(entry: WatchedEntry): Promise<Pick<ToldDetails, "text" | "noText">> {
  if (entry.bodyBytes === undefined) return { text: undefined, noText: undefined }
  if (entry.bodyBytes > MOST_SHOWN_BYTES)
    return { text: undefined, noText: "It is too long to be shown here: steadfetch outbox show writes it to a file." }
  try {
    const pieces: Uint8Array[] = []
    for await (const piece of (await entry.body()) ?? []) pieces.push(piece)
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces)),
      noText: undefined,
    }
  } catch (error) {
    if (error instanceof TypeError) return { text: undefined, noText: "It is no text, and cannot be edited here." }
    throw error
  }
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text
}
