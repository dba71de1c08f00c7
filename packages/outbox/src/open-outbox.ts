import { checked, knownOptions, refuse, shown, whole } from "steadfetch"
import { Changes, unknownEntry, type ChangeOptions } from "./changes.ts"
import { Deliverer } from "./delivery/deliverer.ts"
import { Gates } from "./delivery/gates.ts"
import { Upkeep } from "./delivery/upkeep.ts"
import { contentOf, describedEntry } from "./described-entry.ts"
import type { Amendment } from "./enqueue/amendment.ts"
import { Enqueuing, type EnqueueOptions } from "./enqueue/enqueue.ts"
import { Pressure } from "./enqueue/pressure.ts"
import { checkKey } from "./enqueue/terms.ts"
import { entryIds } from "./entry-id.ts"
import type { Entry } from "./entry.ts"
import { closedOutbox } from "./errors.ts"
import type { EntryQuery, Outbox, StopOptions } from "./outbox.ts"
import type { Parts } from "./parts.ts"
import type { Receipt, SettledOptions } from "./receipt.ts"
import { aesSealer } from "./sealing/aes-sealer.ts"
import { unsealed } from "./sealing/unsealed.ts"
import { checkedSettings, type OutboxOptions } from "./settings.ts"
import { Settling } from "./settling.ts"
import { ENTRY_STATES, statistics, type OutboxStatistics } from "./statistics.ts"
import type { StoredEntry } from "./store.ts"
import { Told, type OutboxEvents } from "./told.ts"
import { verbs, type Verbs } from "./verbs.ts"

const DEFAULT_PAGE = 100
const LONGEST_PAGE = 1000
const DEFAULT_GRACE_MS = 30_000

/**
 * Opens an outbox: creates or migrates its store, and checks that what is in it can be read.
 * @throws ConfigurationError for options that cannot be; OutboxError for a store that cannot be used.
 */
export async function openOutbox(options: OutboxOptions): Promise<Outbox> {
  const settings = checkedSettings(options)
  const { api, store, encryption, on } = options
  const told = new Told(on)
  const sealer = encryption === undefined ? unsealed : aesSealer(encryption)
  const { runtime } = api.request("GET", "/").context
  const parts: Parts = { api, store, sealer, runtime, settings }
  await store.open()
  try {
    const [newest] = await store.list({ limit: 1 })
    if (newest !== undefined) contentOf(parts, newest)
  } catch (error) {
    await store.close()
    throw error
  }
  return new OpenOutbox(parts, told)
}

/** What works from run() until it is stopped. */
interface Running {
  readonly deliverer: Deliverer
  readonly upkeep: Upkeep
}

class OpenOutbox implements Outbox {
  readonly post: Verbs["post"]
  readonly put: Verbs["put"]
  readonly patch: Verbs["patch"]
  readonly delete: Verbs["delete"]
  readonly request: Verbs["request"]
  readonly #parts: Parts
  readonly #told: Told
  readonly #gates: Gates
  readonly #enqueuing: Enqueuing
  readonly #changes: Changes
  readonly #settling: Settling
  #running: Running | undefined
  /** Those that have not ended yet. */
  readonly #stopping = new Set<Running>()
  #closed: Promise<void> | undefined

  constructor(parts: Parts, told: Told) {
    const { store, runtime, settings } = parts
    const { post, put, patch, delete: del, request } = verbs((method, url, options) => this.#add(method, url, options))
    this.post = post
    this.put = put
    this.patch = patch
    this.delete = del
    this.request = request
    this.#parts = parts
    this.#told = told
    const { perOrigin } = settings.concurrency
    this.#gates = new Gates({ perOrigin, perSecond: settings.perSecond, random: runtime.random })
    this.#enqueuing = new Enqueuing(parts, new Pressure(store, settings.limits, runtime.clock), entryIds(runtime))
    this.#changes = new Changes(parts)
    this.#settling = new Settling(store, runtime.clock)
  }

  in(transaction: unknown): Verbs {
    if (transaction === undefined || transaction === null) refuse("in", shown(transaction), "the transaction")
    return verbs((method, url, options) => this.#add(method, url, options, transaction))
  }

  receipt(id: string): Receipt {
    return this.#receipt(id, false)
  }

  async entry(id: string): Promise<Entry | undefined> {
    this.#mustBeOpen()
    const entry = await this.#parts.store.read(id)
    return entry && this.#described(entry)
  }

  async find(key: string): Promise<Entry | undefined> {
    this.#mustBeOpen()
    checkKey("key", key ?? null)
    const entry = await this.#parts.store.find(this.#parts.sealer.fingerprint("key", key))
    return entry && this.#described(entry)
  }

  async list(query: EntryQuery = {}): Promise<readonly Entry[]> {
    this.#mustBeOpen()
    knownOptions("list", query, ["states", "origin", "orderingKey", "after", "limit"])
    const { states, origin, orderingKey, after, limit = DEFAULT_PAGE } = query
    checkStates(states)
    checkKey("list.orderingKey", orderingKey)
    const { store, sealer } = this.#parts
    const found = await store.list({
      ...(states !== undefined && { states }),
      ...(origin !== undefined && { origin }),
      ...(orderingKey !== undefined && { orderingKey: sealer.fingerprint("ordering key", orderingKey) }),
      ...(after !== undefined && { after }),
      limit: whole("list.limit", limit, 1, LONGEST_PAGE),
    })
    return found.map((entry) => this.#described(entry))
  }

  async stats(): Promise<OutboxStatistics> {
    this.#mustBeOpen()
    return statistics(this.#parts, this.#gates)
  }

  async amend(id: string, amendment: Amendment, options?: ChangeOptions): Promise<Entry> {
    this.#mustBeOpen()
    return this.#changed(await this.#changes.amend(id, amendment, options))
  }

  async retry(id: string, options?: ChangeOptions): Promise<Entry> {
    this.#mustBeOpen()
    return this.#changed(await this.#changes.retry(id, options))
  }

  async discard(id: string, options?: ChangeOptions): Promise<void> {
    this.#mustBeOpen()
    await this.#changes.discard(id, options)
    this.#running?.deliverer.wake()
  }

  on<K extends keyof OutboxEvents>(type: K, listener: (event: OutboxEvents[K]) => unknown): () => void {
    return this.#told.on(type, listener)
  }

  run(): void {
    this.#mustBeOpen()
    if (this.#running !== undefined) return
    const deliverer = new Deliverer(this.#parts, this.#told, this.#gates)
    const upkeep = new Upkeep(this.#parts, this.#told, this.#gates)
    this.#running = { deliverer, upkeep }
    deliverer.run()
    upkeep.run()
  }

  stop(options: StopOptions = {}): Promise<void> {
    knownOptions("stop", options, ["graceMs"])
    const graceMs = checked("stop.graceMs", options.graceMs ?? DEFAULT_GRACE_MS, 0)
    if (this.#running !== undefined) this.#stopping.add(this.#running)
    // What begins while this one stops is another one.
    this.#running = undefined
    return Promise.all([...this.#stopping].map((running) => this.#stopped(running, graceMs))).then(() => {})
  }

  async #stopped(running: Running, graceMs: number): Promise<void> {
    await Promise.all([running.deliverer.stop(graceMs), running.upkeep.stop()])
    this.#stopping.delete(running)
  }

  close(options: StopOptions = {}): Promise<void> {
    const stopped = this.stop(options)
    this.#closed ??= stopped.then(() => {
      this.#settling.close()
      return this.#parts.store.close()
    })
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #add(method: string, url: string | URL, options: EnqueueOptions = {}, transaction?: unknown): Promise<Receipt> {
    this.#mustBeOpen()
    const { entry, isNew } = await this.#enqueuing.add(method, url, options, transaction)
    if (isNew) this.#running?.deliverer.wake()
    return this.#receipt(entry.id, isNew)
  }

  #receipt(id: string, isNew: boolean): Receipt {
    return {
      id,
      isNew,
      status: async () => {
        const entry = await this.entry(id)
        if (entry === undefined) throw unknownEntry(id)
        return entry
      },
      settled: async ({ signal }: SettledOptions = {}) => {
        this.#mustBeOpen()
        return this.#described(await this.#settling.settled(id, signal))
      },
    }
  }

  #changed(entry: StoredEntry): Entry {
    this.#running?.deliverer.wake()
    return this.#described(entry)
  }

  #described(entry: StoredEntry): Entry {
    return describedEntry(this.#parts, entry, (origin) => this.#gates.isClosed(origin))
  }

  #mustBeOpen(): void {
    if (this.#closed !== undefined) throw closedOutbox()
  }
}

function checkStates(states: unknown): void {
  if (states === undefined) return
  const fix = `a list of ${ENTRY_STATES.join(", ")}`
  if (!Array.isArray(states)) refuse("list.states", shown(states), fix)
  for (const state of states as unknown[])
    if (!ENTRY_STATES.some((known) => known === state)) refuse("list.states", shown(state), fix)
}
