import { rehearse, type Rehearsal } from "@steadfetch/testing"
import type { ClientOptions } from "steadfetch"
import { openOutbox } from "./open-outbox.ts"
import type { Outbox } from "./outbox.ts"
import type { OutboxOptions } from "./settings.ts"
import { TestStore } from "./test-store.ts"
import type { Trouble } from "./told.ts"

/** An outbox over a scripted server and a store in memory, on virtual time. */
export interface OutboxRehearsal extends Omit<Rehearsal, "api"> {
  readonly outbox: Outbox
  readonly store: TestStore
  readonly api: Rehearsal["api"]
  /** What was told, in order: "delivered /path", and so on. */
  readonly told: string[]
  readonly troubles: Trouble[]
}

export async function rehearseOutbox(
  options: Partial<OutboxOptions> & {
    readonly client?: Omit<ClientOptions, "transport" | "runtime">
    readonly seed?: number
  } = {},
): Promise<OutboxRehearsal> {
  const { client = {}, seed, ...own } = options
  const rehearsal = rehearse({ ...client, ...(seed !== undefined && { seed }) })
  const store = (own.store as TestStore | undefined) ?? new TestStore()
  const told: string[] = []
  const troubles: Trouble[] = []
  const outbox = await openOutbox({ api: rehearsal.api, ...own, store })
  for (const type of ["delivered", "rejected", "expired", "retrying"] as const)
    outbox.on(type, ({ url }) => told.push(`${type} ${new URL(url).pathname}`))
  outbox.on("trouble", (trouble) => troubles.push(trouble))
  return { ...rehearsal, outbox, store, told, troubles }
}
