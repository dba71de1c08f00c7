/** A piece of a stream, and whether it is the last one. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly isLast: boolean
}

/** A stream cut anew into pieces of one size, but for the last one, which may be shorter; there is always a last one. */
export async function* chunksOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Chunk> {
  let pending = new Uint8Array(size)
  let filled = 0
  for await (const piece of source) {
    for (let at = 0; at < piece.byteLength;) {
      // A full one goes out when more comes: only then is it known not to be the last.
      if (filled === size) {
        yield { bytes: pending, isLast: false }
        pending = new Uint8Array(size)
        filled = 0
      }
      const taken = piece.subarray(at, at + size - filled)
      pending.set(taken, filled)
      filled += taken.byteLength
      at += taken.byteLength
    }
  }
  yield { bytes: pending.subarray(0, filled), isLast: true }
}
