import type { Paint } from "../paint.ts"
import { hasEnded, type End } from "./result.ts"
import { isAsItShouldBe, statusGroup } from "./status-group.ts"

/** How calls ended beside how they were recorded. */
export class Differences {
  readonly #counts = new Map<string, number>()
  #ended = 0
  #wanting = 0

  add(end: End): void {
    if (!hasEnded(end)) {
      this.#wanting++
      return
    }
    this.#ended++
    const then = end.item.recorded.status
    const now = end.outcome === undefined || end.outcome.kind === "no-reply" ? undefined : end.outcome.status
    if (!isAsItShouldBe(then, now)) this.#wanting++
    if (statusGroup(then) === statusGroup(now)) return
    const change = `${statusGroup(then)} → ${statusGroup(now)}`
    this.#counts.set(change, (this.#counts.get(change) ?? 0) + 1)
  }

  /** Whether no call needs attention. */
  get isSuccess(): boolean {
    return this.#wanting === 0
  }

  /** "≠ 3 ended in another status class than recorded: 2 of 2xx → 5xx, 1 of 5xx → 2xx"; undefined where none ended. */
  summary(paint: Paint): string | undefined {
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
    if (this.#ended === 0) return undefined
    if (total === 0) return paint("dim", "all in their recorded status classes")
    const changes = [...this.#counts].map(([change, count]) => `${count} of ${change}`).join(", ")
    return paint("bold", `≠ ${total} ended in another status class than recorded: ${changes}`)
  }
}
