/** A client in a process of its own, so that no other one's memory, connections or compiled code stand in its way. */
import { answerParent } from "./answer-parent.ts"
import { provenCall, type CallKind } from "./call-kinds.ts"
import { clients } from "./clients/clients.ts"
import type { Client } from "./clients/client.ts"
import { allocation } from "./measures/allocation.ts"
import { creationUs } from "./measures/creation.ts"
import { crowd } from "./measures/crowd.ts"
import { growth } from "./measures/growth.ts"
import { load } from "./measures/load.ts"
import type { ClientTasks } from "./tasks.ts"

let create: () => Client = () => {
  throw new Error(`ask for "open" first`)
}
let client: Client | undefined
let proven: { readonly kind: CallKind; readonly call: () => Promise<unknown> } | undefined

answerParent<ClientTasks>({
  async open({ client: name, ground }) {
    const entry = clients.find((entry) => entry.name === name)
    if (entry === undefined) throw new Error(`no such client: ${name}`)
    const { open } = await entry.module()
    create = open(ground)
  },
  load: async ({ kind, concurrency, seconds }) => load(await callOf(kind), concurrency, seconds),
  create: ({ seconds }) => creationUs(create, seconds),
  crowd: async ({ calls }) => crowd(await callOf("slow"), await callOf("get"), calls),
  allocation: async ({ calls }) => allocation(await callOf("get"), calls),
  growth: async ({ calls, concurrency }) => growth(await callOf("get"), calls, concurrency),
})

async function callOf(kind: CallKind): Promise<() => Promise<unknown>> {
  client ??= create()
  if (proven?.kind !== kind) proven = { kind, call: await provenCall(kind, client) }
  return proven.call
}
