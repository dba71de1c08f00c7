/** So many requests a worker has under way at most: so many may be sent again when it is killed. */
export const MOST_IN_FLIGHT = 32
