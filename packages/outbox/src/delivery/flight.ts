import { Cancellation } from "steadfetch"
import type { Claimed, Lease, StoredEntry } from "../store.ts"

/** An entry in the hands of this process. */
export class Flight {
  readonly entry: StoredEntry
  readonly lease: Lease
  /** Ends its sending. */
  readonly ending = new Cancellation(undefined)
  /** By `Clock.now()`: nothing is sent or written for it later. */
  leaseEndsAt: number
  /** Whether somebody else may have the entry now. */
  isLost = false

  constructor({ entry, lease }: Claimed, leaseEndsAt: number) {
    this.entry = entry
    this.lease = lease
    this.leaseEndsAt = leaseEndsAt
  }

  /** The lease is gone: what is under way is of no use any more. */
  lose(): void {
    this.isLost = true
    this.ending.cancel(new Error("the lease of the entry was lost"))
  }
}
