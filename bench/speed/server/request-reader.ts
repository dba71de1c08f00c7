/**
 * The requests of one connection, complete ones only. Reads as little of HTTP/1.1 as an answer needs: where a head ends
 * and, by its Content-Length, where its body does. So the server stays cheaper than any client it is asked by.
 */
export class RequestReader {
  #unread = ""

  /**
   * Takes what arrived; returns method and path (`GET /small`) of each request that is complete now.
   * @throws Error for a body without Content-Length, which this server does not read.
   */
  push(piece: Buffer): string[] {
    this.#unread += piece.toString("latin1")
    const requests: string[] = []
    for (;;) {
      const headEnd = this.#unread.indexOf("\r\n\r\n")
      if (headEnd < 0) return requests
      const bodyStart = headEnd + 4
      const end = bodyStart + (this.#unread.startsWith("GET ") ? 0 : contentLength(this.#unread.slice(0, headEnd)))
      if (this.#unread.length < end) return requests
      requests.push(this.#unread.slice(0, this.#unread.indexOf(" HTTP/1.1\r\n")))
      this.#unread = this.#unread.slice(end)
    }
  }
}

function contentLength(head: string): number {
  const found = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (found === undefined) throw new Error(`a body without Content-Length: ${head}`)
  return Number(found)
}
