import { computed, effect, signal } from "@preact/signals"
import type { ToldDetails, ToldEntry, ToldOutbox } from "../../src/outbox/messages.ts"
import type { WatchedState } from "../../src/outbox/watched-outbox.ts"
import { connection } from "../live.ts"

/** How often the outbox is looked at while it is shown. */
const LOOK_MS = 2000

export const GROUPS = ["needs you", "waiting", "sending", "delivered", "discarded"] as const
export type Group = (typeof GROUPS)[number]

const STATES: Readonly<Record<Group, readonly WatchedState[]>> = {
  "needs you": ["rejected", "expired"],
  waiting: ["waiting"],
  sending: ["sending"],
  delivered: ["delivered"],
  discarded: ["discarded"],
}

/** What the page shows: the calls, or the outbox, which has an address of its own. */
export const isOutboxShown = signal(location.hash === "#outbox")
/** Which entries are listed. The first look shows what needs somebody, where there is something. */
export const group = signal<Group>("needs you")
export const outbox = signal<ToldOutbox | undefined>(undefined)
/** Why it cannot be told how the outbox stands. */
export const trouble = signal<string | undefined>(undefined)
/** How the last action ended. */
export const said = signal<{ readonly text: string; readonly isBad: boolean } | undefined>(undefined)
export const details = signal<ToldDetails | undefined>(undefined)
/** The entry that is read, as it was at the last look: also when it has left the list. */
export const latest = signal<ToldEntry | undefined>(undefined)
/** The entry that is opened; its details may be on their way. */
export const openedId = signal<string | undefined>(undefined)
/** How many pages of entries are shown. */
const pages = signal(1)

export const counts = computed(() => {
  const { states } = outbox.value ?? {}
  const count = (group: Group): number => STATES[group].reduce((sum, state) => sum + (states?.[state] ?? 0), 0)
  return Object.fromEntries(GROUPS.map((group) => [group, count(group)])) as Record<Group, number>
})

export function choose(next: Group): void {
  group.value = next
  pages.value = 1
  close()
  void look()
}

export function more(): void {
  pages.value += 1
  void look()
}

export function open(id: string): void {
  openedId.value = id
  details.value = undefined
  latest.value = undefined
  said.value = undefined
  void lookAt(id)
}

export function close(): void {
  openedId.value = undefined
  details.value = undefined
}

/** Numbers the looks: what comes late does not replace what came later. */
let looks = 0

/** Asks how the outbox stands. */
async function look(): Promise<void> {
  const number = ++looks
  const shown = group.peek()
  try {
    let told: ToldOutbox | undefined
    for (let page = 0; page < pages.peek() && told?.isMore !== false; page++) {
      const after = told?.entries.at(-1)?.id
      const next = await asked<ToldOutbox>(
        `?states=${STATES[shown].join(",")}${after === undefined ? "" : `&after=${after}`}`,
      )
      told = { ...next, entries: [...(told?.entries ?? []), ...next.entries] }
    }
    const read = openedId.peek()
    const listed = told?.entries.find(({ id }) => id === read)
    const found = listed ?? (read === undefined ? undefined : await asked<ToldEntry>(`/${read}`))
    if (number !== looks) return
    latest.value = found
    const isFirst = outbox.peek() === undefined
    outbox.value = told
    trouble.value = undefined
    if (isFirst && counts.peek()["needs you"] === 0) choose("waiting")
  } catch (error) {
    if (number === looks) trouble.value = words(error)
  }
}

/** Asks for all there is about an entry. */
export async function lookAt(id: string): Promise<void> {
  try {
    const told = await asked<ToldDetails>(`/${id}`)
    if (openedId.peek() === id) details.value = told
  } catch (error) {
    if (openedId.peek() === id) said.value = { text: words(error), isBad: true }
  }
}

export type Wish =
  | { readonly action: "amend"; readonly body: string; readonly type: string | undefined }
  | { readonly action: "retry" | "discard" }

const DONE: Readonly<Record<Wish["action"], string>> = {
  amend: "It was changed, and is sent again.",
  retry: "It is sent again.",
  discard: "It was discarded.",
}

/** Has something done with an entry as it is shown. Resolves to whether it was done. */
export async function act({ id, version }: Pick<ToldDetails, "id" | "version">, wish: Wish): Promise<boolean> {
  try {
    await asked(`/${id}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...wish, version }),
    })
    close()
    said.value = { text: DONE[wish.action], isBad: false }
    // The button that had the focus is gone.
    document.getElementById("said")?.focus()
    void look()
    return true
  } catch (error) {
    said.value = { text: words(error), isBad: true }
    void look()
    return false
  }
}

async function asked<T>(path: string, init?: RequestInit): Promise<T> {
  const reply = await fetch(`./outbox${path}`, init)
  const value = (await reply.json()) as T & { readonly message?: string }
  if (!reply.ok) throw new Error(value.message ?? `The server answered ${reply.status}.`)
  return value
}

function words(error: unknown): string {
  if (error instanceof SyntaxError) return "The server's answer cannot be read."
  if (error instanceof TypeError) return "The server cannot be reached."
  return error instanceof Error ? error.message : String(error)
}

window.addEventListener("hashchange", () => (isOutboxShown.value = location.hash === "#outbox"))

effect(() => {
  if (!isOutboxShown.value || connection.value === "paused") return undefined
  void look()
  const timer = window.setInterval(() => {
    if (!document.hidden) void look()
  }, LOOK_MS)
  return () => window.clearInterval(timer)
})
