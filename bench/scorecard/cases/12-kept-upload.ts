import { status } from "@steadfetch/testing/fault-server"
import { install } from "undici"
import { fail, notApplicable, pass, type Case } from "../case.ts"
import { inWords, nextTurn, succeeded, within, withServer } from "../observation.ts"

const MB = 2 ** 20
const PIECE_BYTES = 64 * 1024
const UPLOAD_BYTES = 96 * MB
const ALLOWED_BYTES = 32 * MB

export const keptUpload: Case = {
  row: 12,
  title: "An upload is kept in memory",
  mustHold: "What was uploaded from a stream does not stay in memory.",
  observed: `A stream of ${UPLOAD_BYTES / MB} MB is uploaded; after garbage collections on the way, buffers may hold ${ALLOWED_BYTES / MB} MB at most. Clients on fetch get that of undici 8: the one built into Node 24 keeps every streamed upload, whoever calls it.`,
  observe: (make) =>
    withServer({ "PUT /": status(201) }, async ({ origin, requests }) => {
      install()
      const memory = new BufferMemory()
      const client = make({ origin, fetch: globalThis.fetch })
      const end = await within(client.send({ method: "PUT", path: "/", body: longStream(memory) }), 30_000)
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

  async look(): Promise<void> {
    // What was just sent is let go of in the next turn.
    await nextTurn()
    this.mostBytes = Math.max(this.mostBytes, bufferBytes() - this.#firstBytes)
  }
}

function bufferBytes(): number {
  if (globalThis.gc === undefined) throw new Error("this case needs node --expose-gc")
  globalThis.gc()
  return process.memoryUsage().arrayBuffers
}

function longStream(memory: BufferMemory): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sentBytes = 0
  return new ReadableStream({
    async pull(controller) {
      if (sentBytes >= UPLOAD_BYTES) return controller.close()
      if (sentBytes % (16 * MB) === 0) await memory.look()
      sentBytes += PIECE_BYTES
      return controller.enqueue(new Uint8Array(PIECE_BYTES))
    },
  })
}
