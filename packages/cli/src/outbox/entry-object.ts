import type { Entry } from "@steadfetch/outbox"

/** An entry as plain data, without the bodies. What has no value is null. */
export function entryObject(entry: Entry) {
  const { addedAt, changedAt, dueAt, expiresAt, last } = entry
  return {
    id: entry.id,
    state: entry.state,
    version: entry.version,
    method: entry.method,
    url: entry.url,
    origin: entry.origin,
    key: entry.key ?? null,
    orderingKey: entry.orderingKey ?? null,
    afterRejection: entry.afterRejection,
    priority: entry.priority,
    addedAt: addedAt.toISOString(),
    changedAt: changedAt.toISOString(),
    dueAt: dueAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    tries: entry.tries,
    headers: entry.headers,
    bodyBytes: entry.bodyBytes ?? null,
    idempotencyKey: entry.idempotencyKey ?? null,
    last:
      last === undefined
        ? null
        : {
            kind: last.kind,
            status: last.status ?? null,
            message: last.message ?? null,
            code: last.code ?? null,
            requestId: last.requestId ?? null,
            at: last.at.toISOString(),
            retryAt: last.retryAt?.toISOString() ?? null,
            why: last.why,
          },
  }
}
