import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** A reply as its bytes say it. */
export interface RawReply {
  readonly status: number
  /** Lower-case names; lines of one name joined. */
  readonly fields: Readonly<Record<string, string>>
  readonly head: string
  readonly body: string
}

/** A connection that bytes are written to as they are. */
export class RawConnection implements Disposable {
  readonly socket: Socket
  #received = ""
  #isOver = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding("latin1")
    socket.on("data", (text: string) => (this.#received += text))
    socket.on("error", () => {})
    socket.on("end", () => (this.#isOver = true))
    socket.on("close", () => (this.#isOver = true))
  }

  static async to(origin: string): Promise<RawConnection> {
    const { hostname, port } = new URL(origin)
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port), allowHalfOpen: true })
    await once(socket, "connect")
    return new RawConnection(socket)
  }

  get received(): string {
    return this.#received
  }

  write(text: string): void {
    this.socket.write(text, "latin1")
  }

  /** Waits until what has come holds this. */
  async until(text: string): Promise<string> {
    await this.#when(() => this.#received.includes(text))
    return this.#received
  }

  /** Everything, once the other side has closed. */
  async untilClosed(): Promise<string> {
    while (!this.#isOver) await this.#event()
    return this.#received
  }

  /** The next final reply, taken off what has come; interim ones are left out. */
  async reply(): Promise<RawReply> {
    await this.#when(() => /(?:^|\r\n\r\n)HTTP\/1\.1 [2-5][^]*?\r\n\r\n/.test(this.#received))
    const start = this.#received.search(/HTTP\/1\.1 [2-5]/)
    const headEnd = this.#received.indexOf("\r\n\r\n", start) + 4
    const head = this.#received.slice(start, headEnd)
    const fields = fieldsOf(head)
    const length = Number(fields["content-length"] ?? 0)
    const isChunked = fields["transfer-encoding"] === "chunked"
    await this.#when(() =>
      isChunked
        ? this.#received.includes("0\r\n", headEnd) && this.#received.endsWith("\r\n\r\n")
        : this.#received.length >= headEnd + length,
    )
    const end = isChunked ? this.#received.length : headEnd + length
    const body = this.#received.slice(headEnd, end)
    this.#received = this.#received.slice(end)
    return { status: Number(head.slice(9, 12)), fields, head, body }
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  async #when(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#isOver) throw new Error(`the connection ended after ${JSON.stringify(this.#received)}`)
      await this.#event()
    }
  }

  #event(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        for (const name of ["data", "end", "close"]) this.socket.off(name, done)
        resolve()
      }
      for (const name of ["data", "end", "close"]) this.socket.on(name, done)
    })
  }
}

function fieldsOf(head: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const line of head.split("\r\n").slice(1)) {
    const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    if (key !== "") fields[key] = key in fields ? `${fields[key]}, ${value}` : value
  }
  return fields
}
