import { redactUrl } from "steadfetch"
import type { Entry } from "./entry.ts"
import type { Parts } from "./parts.ts"
import { decodeContent, decodeResult, type Content } from "./sealing/content.ts"
import { openBody } from "./sealing/sealer.ts"
import type { StoredBody, StoredEntry } from "./store.ts"

/** The request of a stored entry. @throws OutboxError when it cannot be opened. */
export function contentOf({ sealer }: Pick<Parts, "sealer">, entry: StoredEntry): Content {
  return decodeContent(sealer.open(entry.id, "content", entry.content))
}

/** An entry as people see it. @param isHeld Whether this process holds its origin back. */
export function describedEntry(parts: Parts, stored: StoredEntry, isHeld: (origin: string) => boolean): Entry {
  const { sealer, runtime } = parts
  const { id, result, bodyBytes, addedAt, changedAt, dueAt, expiresAt } = stored
  const { method, url, headers, idempotencyKey, key, orderingKey } = contentOf(parts, stored)
  const isDue = dueAt <= runtime.clock.date()
  const waitingFor =
    stored.state !== "waiting" ? undefined : !isDue ? "due" : isHeld(stored.origin) ? "origin" : undefined
  return {
    id,
    state: stored.state,
    version: stored.version,
    method,
    url: shownUrl(parts, method, url),
    origin: stored.origin,
    key,
    orderingKey,
    afterRejection: stored.afterRejection,
    priority: stored.priority,
    addedAt: new Date(addedAt),
    changedAt: new Date(changedAt),
    dueAt: new Date(dueAt),
    expiresAt: new Date(expiresAt),
    tries: stored.tries,
    headers,
    bodyBytes: bodyBytes === undefined ? undefined : sealer.plainBytes(bodyBytes),
    idempotencyKey,
    waitingFor,
    last: result === undefined ? undefined : decodeResult(sealer.open(id, "result", result)),
    body: async () => {
      const body = await parts.store.body(id)
      return body === undefined ? undefined : pieces(openBody(sealer, id, body))
    },
  }
}

/** As the client would send it; as it is stored, when its base has moved so that this cannot be told. */
function shownUrl({ api }: Parts, method: string, url: string): string {
  try {
    return redactUrl(api.request(method, url).context.address())
  } catch {
    return redactUrl(url)
  }
}

async function* pieces(body: StoredBody): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (body instanceof Uint8Array) yield body
  else yield* body
}
