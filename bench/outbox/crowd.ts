/** At the same time. */
export const CALLERS = 64

/** So many, by callers who each wait for their own. */
export async function crowd(count: number, one: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (next < count) await one(next++)
    }),
  )
}
