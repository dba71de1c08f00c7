import { knownOptions, whole } from "steadfetch"
import { contentOf } from "./described-entry.ts"
import { alterationOf, type Amendment } from "./enqueue/amendment.ts"
import { OutboxError } from "./errors.ts"
import type { Parts } from "./parts.ts"
import { decodeResult } from "./sealing/content.ts"
import type { Alteration, StoredEntry } from "./store.ts"

/** For these a rejected request may be right: what was wrong is not part of it. */
const CREDENTIALS_REFUSED: readonly (number | undefined)[] = [401, 403, 407]

/** Of a change that someone makes. */
export interface ChangeOptions {
  /** Only an entry of this version is changed: what was looked at before it was decided. */
  readonly ifVersion?: number | undefined
}

/** What someone decides about entries. */
export class Changes {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  amend(id: string, amendment: Amendment, options?: ChangeOptions): Promise<StoredEntry> {
    return this.#alter(id, "amended", options, (entry) => {
      mustBe(entry, ["waiting", "rejected", "expired"], "amended")
      return alterationOf(this.#parts, entry, amendment)
    })
  }

  retry(id: string, options?: ChangeOptions): Promise<StoredEntry> {
    return this.#alter(id, "sent again", options, (entry) => {
      mustBe(entry, ["waiting", "rejected", "expired"], "sent again")
      const { runtime } = this.#parts
      const at = runtime.clock.date()
      if (entry.state === "waiting") return { at, state: "waiting", dueAt: at }
      if (entry.state === "rejected" && !CREDENTIALS_REFUSED.includes(this.#lastStatus(entry)))
        throw new OutboxError(
          "state",
          `entry ${entry.id} was rejected; a 4xx is not sent again unchanged: amend it, or discard it`,
        )
      return { at, state: "waiting", dueAt: at, expiresAt: at + contentOf(this.#parts, entry).lifetimeMs, tries: 0 }
    })
  }

  discard(id: string, options?: ChangeOptions): Promise<StoredEntry> {
    return this.#alter(id, "discarded", options, (entry) => {
      mustBe(entry, ["waiting", "rejected", "expired"], "discarded")
      return { at: this.#parts.runtime.clock.date(), state: "discarded" }
    })
  }

  #lastStatus({ id, result }: StoredEntry): number | undefined {
    return result === undefined ? undefined : decodeResult(this.#parts.sealer.open(id, "result", result)).status
  }

  async #alter(
    id: string,
    done: string,
    options: ChangeOptions = {},
    alteration: (entry: StoredEntry) => Alteration | Promise<Alteration>,
  ): Promise<StoredEntry> {
    const { store } = this.#parts
    const entry = await store.read(id)
    if (entry === undefined) throw unknownEntry(id)
    mustBeOf(entry, options)
    const change = await alteration(entry)
    if (!(await store.alter(id, entry.version, change)))
      throw new OutboxError(
        "state",
        `entry ${id} cannot be ${done}: it is being sent, or someone changed it at the same time; look at it, and try again`,
      )
    return (await store.read(id)) ?? entry
  }
}

export function unknownEntry(id: string): OutboxError {
  return new OutboxError(
    "unknown",
    `there is no entry ${id}; it may have been removed, as its time to be kept has ended`,
  )
}

function mustBeOf({ id, version, state }: StoredEntry, options: ChangeOptions): void {
  knownOptions("the change", options, ["ifVersion"])
  const { ifVersion } = options
  if (ifVersion === undefined || whole("ifVersion", ifVersion, 1) === version) return
  const stands = state === "sending" ? "being sent" : state
  throw new OutboxError("state", `entry ${id} has changed meanwhile, and is ${stands}; look at it, and try again`)
}

function mustBe({ id, state }: StoredEntry, states: readonly StoredEntry["state"][], done: string): void {
  if (!states.includes(state))
    throw new OutboxError(
      "state",
      `entry ${id} is ${state === "sending" ? "being sent" : state}, so that it cannot be ${done}`,
    )
}
