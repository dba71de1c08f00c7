import { status } from "@steadfetch/testing/fault-server"
import { fail, notApplicable, pass, type Case } from "../case.ts"
import { inWords, succeeded, within, withServer } from "../observation.ts"

const MB = 2 ** 20
const PIECE_BYTES = 64 * 1024
const UPLOAD_BYTES = 96 * MB
const ALLOWED_BYTES = 32 * MB

export const keptUpload: Case = {
  row: 12,
  title: "An upload is kept in memory",
  mustHold: "What was uploaded from a stream does not stay in memory.",
  observed: `A stream of ${UPLOAD_BYTES / MB} MB is uploaded; after garbage collections on the way, buffers may hold ${ALLOWED_BYTES / MB} MB at most.`,
  observe: (make) =>
    withServer({ "PUT /": status(201) }, async ({ origin, requests }) => {
      const memory = new BufferMemory()
      const call = make({ origin }).send({ method: "PUT", path: "/", body: longStream(() => memory.look()) })
      const end = await within(call, 25_000)
      const seen = `at most ${Math.round(memory.mostBytes / MB)} MB in buffers`
      if (memory.mostBytes > ALLOWED_BYTES) return fail(seen)
      const isWhole = succeeded(end?.value) && requests[0]?.body.lengthBytes === UPLOAD_BYTES
      return isWhole ? pass(seen) : notApplicable(`the upload did not end well: ${inWords(end?.value)}`)
    }),
}

/** Watches what buffers hold after a garbage collection, beyond what they held at first. */
class BufferMemory {
  mostBytes = 0
  readonly #firstBytes = bufferBytes()

  look(): void {
    this.mostBytes = Math.max(this.mostBytes, bufferBytes() - this.#firstBytes)
  }
}

function bufferBytes(): number {
  if (globalThis.gc === undefined) throw new Error("this case needs node --expose-gc")
  globalThis.gc()
  const { arrayBuffers, external } = process.memoryUsage()
  return Math.max(arrayBuffers, external)
}

function longStream(look: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sentBytes = 0
  return new ReadableStream({
    pull(controller) {
      if (sentBytes >= UPLOAD_BYTES) return controller.close()
      if (sentBytes % (16 * MB) === 0) look()
      sentBytes += PIECE_BYTES
      return controller.enqueue(new Uint8Array(PIECE_BYTES))
    },
  })
}
