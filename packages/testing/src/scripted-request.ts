import type { BodySource, HeaderList, Outgoing, Signal } from "steadfetch"

/** A request that a scripted transport was given. */
export interface ScriptedRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderList
  /** When it was given, in milliseconds of the clock's `now()`. */
  readonly startedAtMs: number
  /** How it ended: "answered" at the headers, "failed", "aborted" by its signal; "open" while it is under way. */
  readonly end: "open" | "answered" | "failed" | "aborted"
  /** What of its body was taken. */
  readonly body: Uint8Array<ArrayBuffer>
  /** The value of a header field; undefined when there is none. */
  header(name: string): string | undefined
  /** The body as text. */
  text(): string
  /** The body as JSON. */
  json(): unknown
}

/** A record in the making. */
export class RequestRecord implements ScriptedRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeaderList
  readonly startedAtMs: number
  end: ScriptedRequest["end"] = "open"
  body: Uint8Array<ArrayBuffer> = new Uint8Array()

  constructor(request: Outgoing, startedAtMs: number) {
    this.method = request.method
    this.url = request.url
    this.headers = request.headers
    this.startedAtMs = startedAtMs
  }

  header(name: string): string | undefined {
    return this.headers.find(([key]) => key === name.toLowerCase())?.[1]
  }

  text(): string {
    return new TextDecoder().decode(this.body)
  }

  json(): unknown {
    return JSON.parse(this.text())
  }

  /** Takes in the body, up to the end of the piece that holds byte `mostBytes`, or until the signal fires. */
  async take(source: BodySource | null, mostBytes: number, signal: Signal | undefined): Promise<void> {
    if (source === null || mostBytes === 0) return
    const content = source.open()
    if (typeof content === "string") this.#add(new TextEncoder().encode(content))
    else if (content instanceof Uint8Array) this.#add(content)
    else if (content instanceof Blob) this.#add(new Uint8Array(await content.arrayBuffer()))
    else {
      for await (const chunk of content) {
        this.#add(chunk)
        if (signal?.aborted === true || this.body.length >= mostBytes) break
      }
    }
  }

  #add(chunk: Uint8Array): void {
    const longer = new Uint8Array(this.body.length + chunk.length)
    longer.set(this.body)
    longer.set(chunk, this.body.length)
    this.body = longer
  }
}
