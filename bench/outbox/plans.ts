import type { OutagePlan } from "./outage.ts"

/** Ten thousand entries come in while an API is down for six hours, and more while it recovers. */
export const SIX_HOURS: OutagePlan = {
  before: { hours: 0.5, perSecond: 2 },
  outage: { hours: 6, perSecond: 10_000 / (6 * 3600) },
  after: { perSecond: 10_000 / (6 * 3600) },
}
