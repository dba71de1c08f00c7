import type { Script, Step } from "@steadfetch/testing/fault-server"
import { createFetch, steadfetch, type ClientOptions, type FetchOptions, type Steadfetch } from "steadfetch"
import { differences, type Difference, type DifferenceName, type RuntimeName } from "../differences.ts"

/** Where the suite runs, and what it talks to. */
export interface Place {
  readonly runtime: RuntimeName
  /** The fault server that plays the cases' scripts. */
  readonly origin: string
  /** The desk: tells what the fault server received, and is another origin. */
  readonly desk: string
  /** An origin where nobody listens. */
  readonly refused: string
}

/** One behaviour. */
export interface Case {
  readonly name: string
  /** The server's part; its paths stand below the case's own. */
  readonly script?: Script
  run(stage: Stage): Promise<void>
}

/** Cases of one topic. */
export interface Group {
  readonly name: string
  readonly cases: readonly Case[]
}

/** A request as the server saw it. */
export interface Noted {
  readonly method: string
  readonly target: string
  readonly arrivedAtMs: number
  readonly headers: Readonly<Record<string, string>>
  readonly end: "open" | "answered" | "cut" | "abandoned"
  readonly lengthBytes: number
  readonly complete: boolean
  readonly sha256: string | undefined
  /** The first bytes, as Latin-1. */
  readonly text: string
}

const asked = new Set<DifferenceName>()

/** Differences that are declared for a runtime, and that no case asked for: they may be no more. */
export function unasserted(runtime: RuntimeName): string[] {
  return Object.entries<Difference>(differences).flatMap(([name, { in: where }]) =>
    where.includes(runtime) && !asked.has(name as DifferenceName) ? name : [],
  )
}

/** The platform's own, whatever a case puts in its place. */
const platformFetch = globalThis.fetch

/** Retries without waits, so that only what the server asks for takes time. */
const quick = { attempts: 3, baseMs: 0, capMs: 0, budget: false } as const

/** One case's place: its own paths on the server, and a look into the server's log. */
export class Stage {
  readonly base: string
  readonly desk: string
  readonly refused: string
  readonly #path: string
  readonly #runtime: RuntimeName

  constructor(place: Place, path: string) {
    this.base = place.origin + path
    this.desk = place.desk
    this.refused = place.refused
    this.#path = path
    this.#runtime = place.runtime
  }

  /** A client that retries at once. */
  api(options: ClientOptions = {}): Steadfetch {
    return steadfetch({ baseUrl: this.base, retry: quick, ...options })
  }

  /** A drop-in fetch that retries at once. */
  fetch(options: FetchOptions = {}): typeof fetch {
    return createFetch({ retry: quick, ...options })
  }

  /** Whether the platform differs from the others in this. */
  differs(name: DifferenceName): boolean {
    asked.add(name)
    const { in: where }: Difference = differences[name]
    return where.includes(this.#runtime)
  }

  /**
   * What the server received for this case, once so many requests are over; without preflights. A request that the server
   * leaves in silence is over when the client lets the connection go.
   */
  async over(count: number): Promise<readonly Noted[]> {
    return this.#ask("over", count)
  }

  /** Resolves when so many requests of this case have arrived. */
  async arrived(count: number): Promise<void> {
    await this.#ask("arrived", count)
  }

  async #ask(moment: "over" | "arrived", count: number): Promise<readonly Noted[]> {
    const response = await platformFetch(`${this.desk}/requests?below=${this.#path}/&${moment}=${count}`)
    return (await response.json()) as readonly Noted[]
  }
}

/** What a reply may say besides its status. */
type Parts = Omit<Extract<Step, { kind: "reply" }>, "kind" | "status">

/** The step that replies with this status. */
export function reply(status: number, parts: Parts = {}): Step {
  return { kind: "reply", status, ...parts }
}

/** The step that replies with this status and JSON. */
export function json(value: unknown, status = 200, parts: Omit<Parts, "body"> = {}): Step {
  return reply(status, { ...parts, body: { json: value } })
}

/** The step that is asked again at once. */
export const busy = reply(503, { headers: { "retry-after": "0" } })

/** Breaks off in mid-body. */
export const broken = reply(200, { body: { bytes: 5000 }, cut: { at: "body", afterBytes: 1000, by: "reset" } })

/** Never replies. */
export const silence: Step = { kind: "drop", at: "before-headers", by: "silence" }
