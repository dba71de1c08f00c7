import type { Dispatcher } from "undici"
import type { Open } from "./client.ts"
import { agentWith } from "./undici-agent.ts"

/** The least that can be done with undici: collect the body, and hand it over. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #pieces: Buffer[] = []
  readonly #resolve: (body: Buffer) => void
  readonly #reject: (error: Error) => void

  constructor(resolve: (body: Buffer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(): void {}

  onResponseStart(): void {}

  onResponseData(_controller: unknown, piece: Buffer): void {
    this.#pieces.push(piece)
  }

  onResponseEnd(): void {
    const [first] = this.#pieces
    this.#resolve(first !== undefined && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces))
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#reject(error)
  }
}

export const open: Open = ({ origin, connections }) => {
  const agent = agentWith(connections)
  const send = (path: string, more: Partial<Dispatcher.DispatchOptions>): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      agent.dispatch({ origin, path: `/${path}`, method: "GET", ...more }, new Collector(resolve, reject))
    })
  const headers = { "content-type": "application/json" }
  return () => ({
    getJson: async (path) => JSON.parse((await send(path, {})).toString()),
    postJson: async (path, value) =>
      JSON.parse((await send(path, { method: "POST", headers, body: JSON.stringify(value) })).toString()),
    getBytes: (path) => send(path, {}),
  })
}
