/** An unread stream of these pieces, of the kind that can be read only once. */
export function oneShot(...pieces: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  const left = pieces.values()
  return new ReadableStream({
    pull(controller) {
      const { done, value } = left.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
  })
}

/** What the platform's fetch asks of a request with a stream for a body, and the DOM's types do not know. */
export interface StreamInit extends RequestInit {
  readonly duplex: "half"
}

/** The `init` of a request that sends a stream. */
export function streamInit(method: string, body: BodyInit): StreamInit {
  return { method, body, duplex: "half" }
}
