/**
 * What every transport of steadfetch must do, as cases for any test runner. They run against a server on loopback that
 * fails on purpose, and need Node.
 *
 * ```ts
 * test.each(transportContract(() => myTransport()))("$name", ({ run }) => run())
 * ```
 *
 * @packageDocumentation
 */

import type { Transport } from "steadfetch"
import { endingClaims } from "./endings.ts"
import { failureClaims } from "./failures.ts"
import { replyClaims } from "./replies.ts"
import { requestClaims } from "./requests.ts"
import { Stage, type Claim, type ContractCase } from "./stage.ts"

export type { ContractCase } from "./stage.ts"

/**
 * The contract: a list of cases, each with a transport and servers of its own.
 * @param makeTransport Makes the transport that a case is about; it is closed afterwards.
 */
export function transportContract(makeTransport: () => Transport): readonly ContractCase[] {
  const cases: ContractCase[] = []
  const claim: Claim = (name, check) => {
    const run = async (): Promise<void> => {
      await using stage = new Stage(makeTransport())
      await check(stage)
    }
    cases.push({ name, run })
  }
  for (const claims of [requestClaims, replyClaims, failureClaims, endingClaims]) claims(claim)
  return cases
}
