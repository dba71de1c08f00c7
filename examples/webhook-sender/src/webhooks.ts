import type { Client } from "@steadfetch/node"
import { openOutbox, sqlite, type BackoffSettings, type Entry, type Outbox, type Receipt } from "@steadfetch/outbox"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { webhookClient } from "./client.ts"
import { bringInLine, discard, entriesOf, heldUntil, receiverOf, RECEIVER_FIELD, resend } from "./deliveries.ts"
import { afterEnd, DEAD_AFTER, type DeadAfter, type End } from "./health.ts"
import { checkedUrl } from "./receiver-url.ts"
import type { Receiver } from "./receiver.ts"
import { Receivers } from "./receivers.ts"
import { newSecret, rotated } from "./signature.ts"

export interface WebhooksOptions {
  /** Where `outbox.db` and `receivers.db` are. It is made when it is missing. */
  readonly folder: string
  /** How long an event is tried. Default 3 days. */
  readonly lifetimeMs?: number
  readonly backoff?: BackoffSettings
  readonly deadAfter?: Partial<DeadAfter>
  /** How long the secret before signs beside a new one. Default a day. */
  readonly overlapMs?: number
  /** For trying it out: allows http, and addresses that are not public. Default false. */
  readonly isLocal?: boolean
  /** Told what happens, in words. */
  readonly tell?: (text: string) => void
}

export interface WebhookEvent {
  /** The same event is sent once to each receiver, however often it is published. */
  readonly id: string
  /** Such as "invoice.paid". */
  readonly type: string
  /** When it happened, ISO 8601. */
  readonly timestamp: string
  readonly data: unknown
}

export interface NewReceiver {
  readonly id: string
  readonly url: string
  readonly isOrdered?: boolean
}

/** A receiver, and what there is for it. */
export interface ReceiverState extends Receiver {
  readonly waiting: number
  /** Refused or expired: somebody has to decide. */
  readonly parked: number
}

/** Events are to be read at once, and signed as a whole. */
const MOST_EVENT_BYTES = 256 * 1024
const DAY_MS = 86_400_000

/** Opens the sender: any number of processes on this machine may have the same folder open. */
export async function openWebhooks(options: WebhooksOptions): Promise<Webhooks> {
  const { folder, lifetimeMs, backoff, isLocal = false } = options
  mkdirSync(folder, { recursive: true })
  const receivers = new Receivers(join(folder, "receivers.db"))
  const api = webhookClient(receivers, isLocal)
  const store = sqlite(join(folder, "outbox.db"))
  const limits = { bodyBytes: MOST_EVENT_BYTES }
  const outbox = await openOutbox({ api, store, lifetimeMs, backoff, limits }).catch((error: unknown) => {
    receivers.close()
    throw error
  })
  return new Webhooks(options, receivers, outbox, api)
}

export class Webhooks {
  readonly #receivers: Receivers
  readonly #outbox: Outbox
  readonly #api: Client
  readonly #options: WebhooksOptions
  readonly #underWay = new Set<Promise<void>>()

  constructor(options: WebhooksOptions, receivers: Receivers, outbox: Outbox, api: Client) {
    this.#options = options
    this.#receivers = receivers
    this.#outbox = outbox
    this.#api = api
    for (const end of ["delivered", "retrying", "rejected", "expired"] as const)
      outbox.on(end, (entry) => this.#background(this.#ended(end, entry)))
    outbox.on("trouble", ({ what, error }) => this.#tell(`${what}: ${String(error)}`))
  }

  /** Adds a receiver. Its secret is shown this once. @throws Error for a name that is taken, TypeError for a URL that cannot be. */
  add({ id, url, isOrdered = false }: NewReceiver): string {
    if (!/^[\w-]{1,64}$/.test(id))
      throw new TypeError(`${JSON.stringify(id)} is no name: give letters, digits, - and _`)
    const secret = newSecret()
    this.#receivers.add({
      id,
      url: checkedUrl(url, this.#options.isLocal ?? false),
      isOrdered,
      secrets: [{ secret, signsUntil: undefined }],
      disabledBecause: undefined,
      failingSince: undefined,
      failedInRow: 0,
      last: undefined,
    })
    return secret
  }

  /** Writes an event down for every receiver; resolves when that is durable. After a crash, publish it again: nobody gets two. */
  publish(event: WebhookEvent): Promise<Receipt[]> {
    return Promise.all(this.#receivers.all().map((receiver) => this.#write(event, receiver)))
  }

  /** A new secret, which is shown this once. For `overlapMs` both sign. */
  rotate(id: string): string {
    const { overlapMs = DAY_MS } = this.#options
    const change = (receiver: Receiver): Receiver => ({
      ...receiver,
      secrets: rotated(receiver.secrets, Date.now(), overlapMs),
    })
    return this.#receivers.change(id, change).secrets[0]?.secret ?? ""
  }

  /** Sends nothing more to a receiver: what waits for it, and what is published from now on, is held. */
  async disable(id: string, because = "it was asked for"): Promise<void> {
    await this.#bringInLine(this.#receivers.change(id, (receiver) => ({ ...receiver, disabledBecause: because })))
  }

  /** Sends to a receiver again, what was held first. */
  async enable(id: string): Promise<void> {
    const anew = { disabledBecause: undefined, failingSince: undefined, failedInRow: 0 }
    await this.#bringInLine(this.#receivers.change(id, (receiver) => ({ ...receiver, ...anew })))
  }

  /** Sends again what a receiver refused, or what expired. Resolves to how many events. */
  async resend(id: string): Promise<number> {
    let count = 0
    for await (const entry of entriesOf(this.#outbox, this.#known(id), ["rejected", "expired"])) {
      await resend(this.#outbox, entry, Date.now())
      count += 1
    }
    return count
  }

  /** Forgets a receiver, and discards what there is for it. */
  async remove(id: string): Promise<void> {
    const receiver = this.#known(id)
    this.#receivers.remove(id)
    for await (const entry of entriesOf(this.#outbox, receiver, ["waiting", "rejected", "expired"]))
      await discard(this.#outbox, entry)
  }

  states(): Promise<ReceiverState[]> {
    return Promise.all(
      this.#receivers.all().map(async (receiver) => ({
        ...receiver,
        waiting: await this.#count(receiver, ["waiting", "sending"]),
        parked: await this.#count(receiver, ["rejected", "expired"]),
      })),
    )
  }

  /** The events that one receiver has not accepted, newest first. */
  notAccepted(id: string): AsyncIterable<Entry> {
    return entriesOf(this.#outbox, this.#known(id), ["waiting", "sending", "rejected", "expired"])
  }

  /** Begins to send. */
  async run(): Promise<void> {
    // A process may have died after it had changed a receiver, and before what waits for it followed.
    for (const receiver of this.#receivers.all()) await this.#bringInLine(receiver)
    this.#outbox.run()
  }

  /** Ends what is under way, and closes the files. */
  async close(): Promise<void> {
    await this.#outbox.stop()
    await Promise.all(this.#underWay)
    await this.#outbox.close()
    await this.#api.close()
    this.#receivers.close()
  }

  #known(id: string): Receiver {
    const receiver = this.#receivers.get(id)
    if (receiver === undefined) throw new Error(`there is no receiver "${id}"`)
    return receiver
  }

  async #count(receiver: Receiver, states: Parameters<typeof entriesOf>[2]): Promise<number> {
    let count = 0
    for await (const _ of entriesOf(this.#outbox, receiver, states)) count += 1
    return count
  }

  async #write({ id, type, timestamp, data }: WebhookEvent, receiver: Receiver): Promise<Receipt> {
    const isDisabled = receiver.disabledBecause !== undefined
    const receipt = await this.#outbox.post(receiver.url, {
      json: { type, timestamp, data },
      headers: { [RECEIVER_FIELD]: receiver.id },
      // The client sends it as webhook-id.
      idempotencyKey: id,
      key: `${id} ${receiver.id}`,
      orderingKey: receiver.isOrdered ? receiver.id : undefined,
      notBefore: isDisabled ? heldUntil(Date.now()) : undefined,
    })
    // It may have been enabled meanwhile.
    const now = isDisabled ? this.#receivers.get(receiver.id) : undefined
    if (now !== undefined && now.disabledBecause === undefined) await this.#bringInLine(now)
    return receipt
  }

  async #bringInLine(receiver: Receiver): Promise<void> {
    const isDisabled = receiver.disabledBecause !== undefined
    for await (const entry of entriesOf(this.#outbox, receiver, ["waiting"]))
      await bringInLine(this.#outbox, entry, isDisabled, Date.now())
  }

  async #ended(end: End, entry: Entry): Promise<void> {
    const id = receiverOf(entry)
    const before = this.#receivers.get(id)
    if (before === undefined) return discard(this.#outbox, entry)
    const { status, message: words } = entry.last ?? {}
    const limits = { ...DEAD_AFTER, ...this.#options.deadAfter }
    const after = this.#receivers.change(id, (receiver) =>
      afterEnd(receiver, end, { at: Date.now(), status, words }, limits),
    )
    this.#tell(`${end} ${entry.idempotencyKey} to ${id}${words === undefined ? "" : `: ${status ?? ""} ${words}`}`)
    if (after.disabledBecause === undefined) return undefined
    // It was under way when the receiver was disabled.
    if (before.disabledBecause !== undefined) return bringInLine(this.#outbox, entry, true, Date.now())
    this.#tell(`disabled ${id}: ${after.disabledBecause}`)
    return this.#bringInLine(after)
  }

  #background(work: Promise<void>): void {
    const done = work.catch((error: unknown) => this.#tell(String(error))).finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
  }

  #tell(text: string): void {
    this.#options.tell?.(text.replace(/\p{C}/gu, " "))
  }
}
