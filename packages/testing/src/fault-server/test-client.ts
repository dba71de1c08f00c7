import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** A client for tests that shows what goes over the wire. Bytes are given and taken as Latin-1 text. */
export class TestClient implements AsyncDisposable {
  #received = ""
  #reset = false
  #closed = false
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding("latin1")
    socket.on("data", (text: string) => (this.#received += text))
    socket.on("error", () => (this.#reset = true))
    socket.on("close", () => (this.#closed = true))
  }

  static async to(server: { readonly port: number }): Promise<TestClient> {
    const socket = connect({ port: server.port, host: "127.0.0.1" })
    const client = new TestClient(socket)
    // A server that resets at once may do so before the connection is known here to be made.
    await Promise.race([once(socket, "connect").catch(() => {}), client.#closing()])
    return client
  }

  send(text: string): void {
    this.#socket.write(text, "latin1")
  }

  get(path: string, fields = ""): void {
    this.send(`GET ${path} HTTP/1.1\r\nHost: test\r\n${fields}\r\n`)
  }

  /** Waits until what was received ends with `ending`, and returns all of it. */
  async until(ending: string): Promise<string> {
    while (!this.#received.endsWith(ending)) {
      if (this.#closed) throw new Error(`closed after ${JSON.stringify(this.#received)}`)
      await Promise.race([once(this.#socket, "data"), this.#closing()])
    }
    return this.#received
  }

  /** Waits for the server to end the connection. */
  async end(): Promise<{ readonly by: "reset" | "close"; readonly received: string }> {
    await this.#closing()
    return { by: this.#reset ? "reset" : "close", received: this.#received }
  }

  async #closing(): Promise<void> {
    if (!this.#closed) await new Promise<void>((resolve) => this.#socket.once("close", () => resolve()))
  }

  get received(): string {
    return this.#received
  }

  leave(): void {
    this.#socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.#closing()
  }
}
