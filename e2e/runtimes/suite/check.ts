/** The suite's own assertions, as there is no test framework that runs everywhere. */

/** Fails unless it holds. */
export function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message)
}

/** Fails unless both have the same JSON. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [is, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  check(is === wanted, `${what}: ${is}, expected ${wanted}`)
}

/** What the promise rejects with; fails when it resolves. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`resolved with ${JSON.stringify(value)}, expected a rejection`)
}

/** SHA-256 in hex. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** A body of so many bytes, the same every time and without a short period. */
export function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255)
}
