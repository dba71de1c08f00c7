/** What every store of the outbox must do, as tests: one sentence each. */

import { describe, expect } from "vitest"
import { addingClaims } from "./adding.ts"
import { alteringClaims } from "./altering.ts"
import { bodyClaims } from "./bodies.ts"
import { claimingClaims } from "./claiming.ts"
import { leaseClaims } from "./leases.ts"
import { orderingClaims } from "./ordering.ts"
import { readingClaims } from "./reading.ts"
import { claimsOf, type StoreBacking } from "./stage.ts"
import { tellingClaims } from "./telling.ts"

export type { StoreBacking } from "./stage.ts"

const chapters = {
  adding: addingClaims,
  claiming: claimingClaims,
  leases: leaseClaims,
  "ordering keys": orderingClaims,
  altering: alteringClaims,
  bodies: bodyClaims,
  reading: readingClaims,
  telling: tellingClaims,
}

/**
 * Tests a store.
 * @param name Of the store, in the tests' names.
 * @param openBacking Makes data of its own for each sentence.
 */
export function storeContract(name: string, openBacking: () => Promise<StoreBacking>): void {
  expect.addEqualityTesters([sameBytes])
  const claim = claimsOf(openBacking)
  describe(name, () => {
    for (const [chapter, claims] of Object.entries(chapters))
      describe(chapter, () => {
        claims(claim)
      })
  })
}

/** A Buffer is a Uint8Array as good as any other. */
function sameBytes(one: unknown, other: unknown): boolean | undefined {
  if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return undefined
  return Buffer.compare(one, other) === 0
}
