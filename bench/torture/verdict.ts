import type { Rule } from "../soak/verdict.ts"
import type { Account } from "./account.ts"
import { MOST_IN_FLIGHT } from "./in-flight.ts"

/** What must hold of a torture. */
export function verdict(account: Account): readonly Rule[] {
  const { kind, acknowledged, lost, differing, disordered, broken, problems, duplicates, kills } = account
  const killed = Object.values(kills).reduce((sum, count) => sum + count, 0)
  const none = (what: string, found: readonly string[]): Rule => ({
    name: `${kind}: ${what}`,
    measured: found.length === 0 ? "0" : `${found.length}: ${found.slice(0, 3).join(", ")}`,
    required: "0",
    isMet: found.length === 0,
  })
  return [
    { name: `${kind}: acknowledged`, measured: String(acknowledged), required: "> 0", isMet: acknowledged > 0 },
    none("acknowledged and lost", lost),
    none("sent with more than one Idempotency-Key, or one that is not its own", differing),
    none("out of the order of its ordering key", disordered),
    none("sent in part", broken),
    none("found wrong in the store", problems),
    {
      name: `${kind}: sent again`,
      measured: String(duplicates),
      required: `<= ${killed * MOST_IN_FLIGHT}`,
      isMet: duplicates <= killed * MOST_IN_FLIGHT,
    },
  ]
}
