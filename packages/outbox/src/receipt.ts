import type { Signal } from "steadfetch"
import type { Entry } from "./entry.ts"

/** What is given for a request that was written down. */
export interface Receipt {
  readonly id: string
  /** False when an entry with its key, and the same request, was there already. */
  readonly isNew: boolean
  /** The entry as it stands now. @throws OutboxError "unknown" when it is gone: its time to be kept has ended. */
  status(): Promise<Entry>
  /**
   * The entry once it is delivered, rejected, expired or discarded; in whichever process that happens, and at once when it
   * has. A rejected or expired one may be amended or released later.
   * @throws OutboxError "unknown" as `status`, "store" when that cannot be read, or the outbox is closed meanwhile; the
   * reason of the signal.
   */
  settled(options?: SettledOptions): Promise<Entry>
}

/** Of {@link Receipt.settled}. */
export interface SettledOptions {
  /** Ends the waiting, not the entry. */
  readonly signal?: Signal | undefined
}
