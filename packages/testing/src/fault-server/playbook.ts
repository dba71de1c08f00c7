import { fit } from "./route.ts"
import { ON_CONNECT, type CheckedRoute } from "./script.ts"
import type { DropStep, ReplyStep, Step } from "./steps.ts"

/** What to do with a request, and where in the script that stands. */
export interface Choice {
  readonly step: Step
  /** Undefined when it is no step of the script, but the answer where there is none. */
  readonly played: { readonly route: string; readonly step: number } | undefined
}

/** The script being played: knows which step is next on every route. Choosing is one synchronous act, so no step is given twice. */
export class Playbook {
  readonly #routes: readonly CheckedRoute[]
  readonly #turns = new Map<CheckedRoute, number>()

  constructor(routes: readonly CheckedRoute[]) {
    this.#routes = routes
  }

  /** The step for a request. */
  next(method: string, path: string): Choice {
    const fitting = this.#routes
      .map((candidate) => ({ candidate, score: candidate.route && fit(candidate.route, method, path) }))
      .filter(({ score }) => score !== undefined)
      .toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0))
    const best = fitting[0]?.candidate
    if (best === undefined) {
      const names = this.#routes.flatMap(({ name, route }) => (route === undefined ? [] : name))
      const known = names.length === 0 ? "There are no scripts." : `Scripts: ${names.join(", ")}.`
      return unanswered(`No script for ${method} ${path}. ${known}`)
    }
    const turn = this.#turn(best)
    const step = best.steps[turn]
    if (step !== undefined) return { step, played: { route: best.name, step: turn + 1 } }
    return unanswered(`The script "${best.name}" is over; its ${best.steps.length} steps were played.`)
  }

  /** What becomes of a new connection; undefined to take it as usual. */
  onConnect(): DropStep | undefined {
    const route = this.#routes.find(({ name }) => name === ON_CONNECT)
    const step = route?.steps[this.#turn(route)]
    return step?.kind === "drop" ? step : undefined
  }

  /** The index of the next step; beyond the last one when the route is over. */
  #turn(route: CheckedRoute): number {
    const turn = this.#turns.get(route) ?? 0
    this.#turns.set(route, turn + 1)
    if (route.then === "repeat") return turn % route.steps.length
    return route.then === "last" ? Math.min(turn, route.steps.length - 1) : turn
  }
}

function unanswered(detail: string): Choice {
  return { step: problem(404, "Not Found", detail), played: undefined }
}

/** A reply in problem details (RFC 9457). */
export function problem(status: number, title: string, detail: string): ReplyStep {
  const body = { json: { type: "about:blank", title, status, detail } }
  return { kind: "reply", status, headers: { "content-type": "application/problem+json" }, body }
}
