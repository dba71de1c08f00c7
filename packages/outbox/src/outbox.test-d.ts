import type { Signal, StandardSchema } from "steadfetch"
import { expectTypeOf, test } from "vitest"
import type {
  Amendment,
  Entry,
  EntryState,
  EnqueueOptions,
  openOutbox,
  Outbox,
  OutboxEvents,
  Receipt,
  Trouble,
} from "./index.ts"

declare const outbox: Outbox
declare const receipt: Receipt

test("an outbox is opened, writes down, and gives receipts", () => {
  expectTypeOf<Awaited<ReturnType<typeof openOutbox>>>().toEqualTypeOf<Outbox>()
  expectTypeOf(outbox.post).returns.resolves.toEqualTypeOf<Receipt>()
  expectTypeOf(outbox.in({}).put).toEqualTypeOf(outbox.put)
  expectTypeOf(receipt.settled).parameter(0).toEqualTypeOf<{ readonly signal?: Signal | undefined } | undefined>()
  expectTypeOf(receipt.settled).returns.resolves.toEqualTypeOf<Entry>()
  expectTypeOf(outbox.find).returns.resolves.toEqualTypeOf<Entry | undefined>()
  expectTypeOf<Entry["state"]>().toEqualTypeOf<EntryState>()
})

test("an entry has one outcome per kind of event", () => {
  expectTypeOf<OutboxEvents["delivered"]>().toEqualTypeOf<Entry>()
  expectTypeOf<OutboxEvents["trouble"]>().toEqualTypeOf<Trouble>()
  outbox.on("rejected", (entry) => expectTypeOf(entry).toEqualTypeOf<Entry>())
  // @ts-expect-error There is no such event.
  outbox.on("sent", () => {})
})

test("what cannot be stored is no option", () => {
  expectTypeOf<EnqueueOptions["requestSchema"]>().toEqualTypeOf<StandardSchema | undefined>()
  expectTypeOf<{ json: number; key: string; notBefore: Date }>().toExtend<EnqueueOptions>()
  // @ts-expect-error Credentials are the client's.
  void outbox.post("/x", { auth: false })
  // @ts-expect-error An instant is a Date.
  void outbox.post("/x", { notBefore: 17 })
  // @ts-expect-error A key stays what it was.
  void outbox.amend("id", { key: "other" })
  expectTypeOf<{ body: null }>().toExtend<Amendment>()
})
