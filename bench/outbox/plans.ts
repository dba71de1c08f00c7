import type { OutagePlan } from "./outage.ts"

/** Ten thousand entries come in while an API is down for six hours, and more while it recovers. */
export const SIX_HOURS: OutagePlan = {
  before: { hours: 0.5, perSecond: 2 },
  outage: { hours: 6, perSecond: 10_000 / (6 * 3600) },
  after: { perSecond: 10_000 / (6 * 3600) },
}

/** As before, and the API is as busy afterwards as it was: what has piled up goes beside the usual load. */
export const STEADY: OutagePlan = {
  before: { hours: 1, perSecond: 10_000 / (6 * 3600) },
  outage: { hours: 6, perSecond: 10_000 / (6 * 3600) },
  after: { perSecond: 10_000 / (6 * 3600) },
}
