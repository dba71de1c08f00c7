import type { Client, Runtime } from "steadfetch"
import type { Sealer } from "./sealing/sealer.ts"
import type { Settings } from "./settings.ts"
import type { Store } from "./store.ts"

/** What everything in an outbox works with. */
export interface Parts {
  readonly api: Client
  readonly store: Store
  readonly sealer: Sealer
  readonly runtime: Runtime
  readonly settings: Settings
}
