import { playOutage } from "./outage.ts"

const startedAt = performance.now()
const figures = await playOutage({
  before: { hours: 1, perSecond: 1 },
  outage: { hours: 6, perSecond: 10_000 / (6 * 3600) },
  after: { perSecond: 10_000 / (6 * 3600) },
})
console.log(figures, `${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
