import type { HeaderFields } from "../../../headers.ts"
import { kindOf, refuse } from "../../../validation.ts"
import type { Representation } from "./representation.ts"

/** What an earlier download left at its target. */
export interface KeptPart {
  /** How many bytes there are, from the first one on. */
  readonly lengthBytes: number
  /** What they belong to, as `begin` was told. */
  readonly representation: Representation
  /** Those bytes, for a digest of the whole. */
  read(): AsyncIterable<Uint8Array>
}

/** The reply that begins a representation. */
export interface FirstReply {
  readonly url: string
  readonly status: number
  readonly headers: HeaderFields
}

/**
 * Where a download goes. Each call comes after the last one's promise; `abandon` alone may come while another is under
 * way. What these throw ends the download as it is.
 */
export interface DownloadTarget {
  /** Whether what was written cannot be taken back, so that a download can go on but not start over. */
  readonly isOneShot?: boolean | undefined
  /** What an earlier download left here, to go on from. Asked once, before anything is sent. */
  kept?(): KeptPart | undefined | Promise<KeptPart | undefined>
  /** The first byte of a representation comes next; what was written before belongs to another one. */
  begin(representation: Representation, reply: FirstReply): void | Promise<void>
  /** The next bytes. Resolves when more may come. */
  write(bytes: Uint8Array): void | Promise<void>
  /** All bytes were written, and their length and digests are right. */
  complete(): void | Promise<void>
  /**
   * The download ended early, or its bytes were wrong. After an abort and at the deadline its promise is not waited for.
   * @param mayResume Whether a later download could go on from what is there.
   */
  abandon(error: unknown, mayResume: boolean): void | Promise<void>
}

/** A writable stream: written at its reader's pace, closed at the end, aborted with the error. */
class StreamTarget implements DownloadTarget {
  readonly isOneShot = true
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>

  constructor(stream: WritableStream<Uint8Array>) {
    this.#writer = stream.getWriter()
    // Whoever writes or closes is told.
    this.#writer.closed.catch(() => {})
  }

  async begin(): Promise<void> {}

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writer.write(bytes)
  }

  async complete(): Promise<void> {
    await this.#writer.close()
  }

  /** A sink may be busy for ever: its end is not waited for. */
  async abandon(reason: unknown): Promise<void> {
    this.#writer.abort(reason).catch(() => {})
  }
}

/** @throws ConfigurationError for what cannot be written to. */
export function targetOf(given: WritableStream<Uint8Array> | DownloadTarget): DownloadTarget {
  if (typeof (given as DownloadTarget | null)?.begin === "function") return given as DownloadTarget
  const stream = given as WritableStream<Uint8Array> | null
  if (typeof stream?.getWriter !== "function")
    refuse(
      "download",
      kindOf(given),
      "a WritableStream (of a Node stream: Writable.toWeb(stream)), or a DownloadTarget",
    )
  if (stream.locked) refuse("download", "a WritableStream that has a writer already", "one that is free")
  return new StreamTarget(stream)
}
