/** Every experiment with chance in time is repeated with each of these. */
export const SEEDS: readonly number[] = [1, 2, 3, 4, 5, 6, 7]

/** For experiments that differ little from seed to seed. */
export const FEW_SEEDS: readonly number[] = [1, 2, 3]

/** The seed of the experiments that average over many calls. */
export const SEED = 1
