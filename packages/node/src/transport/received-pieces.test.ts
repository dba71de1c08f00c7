import * as fc from "fast-check"
import { expect, test } from "vitest"
import { ReceivedPieces } from "./received-pieces.ts"

/** A piece as a socket hands it over: a view of memory that holds other things as well. */
function view(bytes: Uint8Array, before: number, after: number): Buffer {
  const memory = new Uint8Array(before + bytes.length + after).fill(0x58)
  memory.set(bytes, before)
  return Buffer.from(memory.buffer, before, bytes.length)
}

const padding = fc.nat({ max: 8 })
const piece = fc.tuple(fc.uint8Array({ maxLength: 12 }), padding, padding)

test("the bytes are those of the pieces, whatever lies around them in memory, and in memory of their own", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), (parts) => {
      const pieces = parts.map(([bytes, before, after]) => view(bytes, before, after))
      const whole = Buffer.concat(parts.map(([bytes]) => bytes))
      const { bytes } = new ReceivedPieces(pieces, whole.length)
      expect(Buffer.from(bytes).equals(whole)).toBe(true)
      expect(bytes.buffer.byteLength).toBe(whole.length)
    }),
    {
      numRuns: 1000,
      examples: [
        [
          [
            [new Uint8Array([1, 2, 3]), 2, 0],
            [new Uint8Array([4, 5]), 0, 0],
          ],
        ],
      ],
    },
  )
})

test("the text is what TextDecoder makes of the bytes", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 4 }),
      fc.constantFrom("", "\ufeff", "\ufeff\ufeff", "ä€😀"),
      (parts, beginning) => {
        const first = view(new TextEncoder().encode(beginning), 3, 3)
        const pieces = [first, ...parts.map(([bytes, before, after]) => view(bytes, before, after))]
        const whole = Buffer.concat(pieces)
        expect(new ReceivedPieces(pieces, whole.length).text()).toBe(new TextDecoder().decode(whole))
      },
    ),
    { numRuns: 1000 },
  )
})
