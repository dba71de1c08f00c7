/** The samples of one of those that took part, in order of the rounds, and the error that ended them. */
export interface Samples<T> {
  readonly name: string
  readonly values: T[]
  failure?: string
}

/**
 * Takes one sample of each in turn, round by round, so that what disturbs the machine disturbs all alike. Each round
 * begins with another one. Who fails is left out from there on.
 */
export async function interleaved<T>(
  names: readonly string[],
  rounds: number,
  sample: (name: string) => Promise<T>,
  tell: (text: string) => void,
): Promise<Samples<T>[]> {
  const all = names.map((name): Samples<T> => ({ name, values: [] }))
  for (let round = 0; round < rounds; round++) {
    const first = round % Math.max(1, all.length)
    for (const samples of [...all.slice(first), ...all.slice(0, first)]) {
      if (samples.failure !== undefined) continue
      try {
        samples.values.push(await sample(samples.name))
      } catch (error) {
        samples.failure = error instanceof Error ? error.message : String(error)
        tell(`  ${samples.name} failed: ${samples.failure}`)
      }
    }
    tell(`  round ${round + 1} of ${rounds}`)
  }
  return all
}
