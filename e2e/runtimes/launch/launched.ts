import type { Desk } from "../desk.ts"
import type { RuntimeName } from "../differences.ts"
import type { Built } from "../package-under-test.ts"
import type { CaseEnd, Place } from "../suite/index.ts"

/** What a run of the suite is given. */
interface Job {
  readonly built: Built
  readonly place: Place
  readonly desk: Desk
}

/** A runtime, and how the suite is run in it. */
export interface Launched {
  readonly name: RuntimeName
  readonly title: string
  /** @throws Error when the runtime cannot be had. */
  version(): Promise<string>
  /** @throws Error when the suite could not be run to its end. */
  run(job: Job): Promise<readonly CaseEnd[]>
}
