import type { Amendment, Entry } from "@steadfetch/outbox"
import { EXIT } from "../exit-codes.ts"
import { requestBody } from "../call/body.ts"
import type { Surroundings } from "../surroundings.ts"
import type { TaskOf } from "./arguments.ts"
import { editedBody } from "./editing.ts"
import { entryOf } from "./entries.ts"
import type { Opened } from "./opening.ts"
import { standingOf, targetOf } from "./words.ts"

/** Changes an entry. */
export async function amend(task: TaskOf<"amend">, opened: Opened, surroundings: Surroundings): Promise<number> {
  const { outbox } = opened
  const entry = await entryOf(outbox, task.id)
  const amendment = await amendmentOf(task, entry, surroundings)
  // Of the base no more is known than its origin; the URL stays relative.
  await opened.assuming(entry.origin, () => outbox.amend(entry.id, amendment))
  tell("amended", await entryOf(outbox, entry.id), task.quiet, surroundings)
  return EXIT.success
}

async function amendmentOf(task: TaskOf<"amend">, entry: Entry, surroundings: Surroundings): Promise<Amendment> {
  const { method, url, query, headers, priority, lifetimeMs, noBody, editor, bodyOptions } = task
  const edited = editor === undefined ? undefined : await editedBody(entry, editor)
  const given = await requestBody(bodyOptions, surroundings)
  const fields = { ...edited?.headers, ...Object.fromEntries(headers.map(([name, value]) => [name, value || null])) }
  const body = edited?.body ?? given ?? (noBody ? null : undefined)
  return {
    ...(method === undefined ? {} : { method }),
    ...(url === undefined ? {} : { url }),
    ...(query.length === 0 ? {} : { query }),
    ...(Object.keys(fields).length === 0 ? {} : { headers: fields }),
    ...(body === undefined ? {} : { body }),
    ...(priority === undefined ? {} : { priority }),
    ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
    signal: surroundings.interrupted,
  }
}

/** Writes a request down. */
export async function add(task: TaskOf<"add">, { outbox }: Opened, surroundings: Surroundings): Promise<number> {
  const { method, url, query, headers, key, orderingKey, priority, lifetimeMs, bodyOptions, quiet } = task
  const { stdout, stderr } = surroundings
  const body = await requestBody(bodyOptions, surroundings)
  const receipt = await outbox.request(method, url, {
    query,
    headers,
    body,
    key,
    orderingKey,
    priority,
    lifetimeMs,
    signal: surroundings.interrupted,
  })
  if (!quiet) stderr.line(stderr.paint("dim", receipt.isNew ? "written down" : "it was there already, with this key"))
  stdout.line(receipt.id)
  return EXIT.success
}

/** Says what has become of an entry. */
export function tell(what: string, entry: Entry, quiet: boolean, { stdout, clock }: Surroundings): void {
  if (!quiet)
    stdout.line(`${what}  ${entry.id}  ${entry.method} ${targetOf(entry)}  ${standingOf(entry, clock.date())}`)
}
