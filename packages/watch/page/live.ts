import { signal } from "@preact/signals"
import { Picture, type Changes } from "../src/picture.ts"
import type { ProgramName } from "../src/program.ts"

export type ListedProgram = ProgramName & { readonly isRunning: boolean }

/** What a feed begins with: whose calls they are, the server's time of day, and all there is. */
interface Shown {
  readonly id: string
  readonly since: number
  readonly now: number
  readonly changes: Changes
}

export type Connection = "connecting" | "live" | "lost" | "paused"

/** After a server has gone, it is asked for again this often. */
const RETRY_MS = 1000

export const picture = new Picture()
/** Counts up with every change of the picture: whoever reads it is shown anew. */
export const version = signal(0)
/** The server's time of day, in whole seconds: time passes although nothing happens. */
export const nowSeconds = signal(Math.floor(Date.now() / 1000))
export const connection = signal<Connection>("connecting")
export const programs = signal<readonly ListedProgram[]>([])
export const shownProgram = signal<string | undefined>(undefined)
/** Changes when other calls are shown than before; not when the feed of the same ones is taken up again. */
export const shownRun = signal("")
/** Whether there is an outbox beside the calls. */
export const hasOutbox = signal(false)
/** The program that was asked for; undefined for the newest that runs. */
export const wanted = signal<string | undefined>(undefined)

let source: EventSource | undefined
let retry: number | undefined
/** How far the server's clock is ahead of this one's. */
let aheadMs = 0

/** Takes the feed up, anew if there is one. */
export function connect(): void {
  disconnect()
  if (connection.value === "paused") connection.value = "connecting"
  const query = wanted.value === undefined ? "" : `?program=${encodeURIComponent(wanted.value)}`
  const feed = new EventSource(`./feed${query}`)
  source = feed
  feed.addEventListener("open", () => (connection.value = "live"))
  feed.addEventListener("error", () => {
    connection.value = "lost"
    // A server that answers with an error is given up by the browser.
    if (feed.readyState === EventSource.CLOSED) retry = window.setTimeout(connect, RETRY_MS)
  })
  feed.addEventListener("outbox", ({ data }: MessageEvent<string>) => (hasOutbox.value = data === "true"))
  feed.addEventListener("programs", ({ data }: MessageEvent<string>) => {
    programs.value = JSON.parse(data) as ListedProgram[]
  })
  feed.addEventListener("shown", ({ data }: MessageEvent<string>) => {
    const { id, since, now, changes } = JSON.parse(data) as Shown
    aheadMs = now - Date.now()
    shownProgram.value = id
    shownRun.value = `${id} ${since}`
    picture.clear()
    picture.put(changes)
    tell()
  })
  feed.addEventListener("changes", ({ data }: MessageEvent<string>) => {
    picture.put(JSON.parse(data) as Changes)
    tell()
  })
}

/** Shows the picture anew, as it is now: what has just happened is not still to come. */
function tell(): void {
  nowSeconds.value = Math.floor(now() / 1000)
  version.value += 1
}

/** Stands still; what happens meanwhile is there after `connect`. */
export function pause(): void {
  disconnect()
  connection.value = "paused"
}

export function choose(program: string | undefined): void {
  wanted.value = program
  connect()
}

/** The server's time of day in ms. */
export function now(): number {
  return Date.now() + aheadMs
}

function disconnect(): void {
  window.clearTimeout(retry)
  source?.close()
  source = undefined
}

window.setInterval(() => {
  if (connection.value !== "paused") nowSeconds.value = Math.floor(now() / 1000)
}, 1000)
