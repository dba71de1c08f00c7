/** The middle one; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = Number.NaN, high = low] = Number.isInteger(middle)
    ? sorted.slice(middle - 1, middle + 1)
    : [sorted[Math.floor(middle)]]
  return (low + high) / 2
}

/** How far the values lie apart, as a share of the middle one: 0.1 when they span 10 % of it. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / Math.abs(median(values))
}

/** How many times the others these are: the middle one of the rounds' ratios, since a round's disturbances hit both. */
export function ratio(values: readonly number[], others: readonly number[]): number {
  const rounds = Math.min(values.length, others.length)
  const at = (list: readonly number[], round: number): number => list[round] ?? Number.NaN
  return median(Array.from({ length: rounds }, (_, round) => at(values, round) / at(others, round)))
}
