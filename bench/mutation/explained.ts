import type { Mutant } from "./mutant.ts"

/** Why no test finds some mutants, and why none should. What is left out of a description fits every mutant. */
export interface Explanation {
  readonly kind: "equivalent" | "speed only" | "message text" | "never met"
  readonly why: string
  /** The end of the file's path. */
  readonly file?: string
  /** Part of the line on which the mutant begins. */
  readonly line?: string
  readonly mutator?: string
  readonly replacement?: string
  readonly original?: RegExp
}

/** Written by hand; a description names the source's text, not its line's number, which other changes move. */
export const explanations: readonly Explanation[] = [
  {
    kind: "speed only",
    why: "An event that nobody hears need not be made; emitting it anyway reaches nobody.",
    line: "events.heard(",
    mutator: "ConditionalExpression",
  },
  {
    kind: "speed only",
    why: "The last key's state is at hand without a look into the map.",
    file: "keyed.ts",
    line: "if (this.#last !== undefined && key === this.#lastKey)",
  },
  {
    kind: "equivalent",
    why: "What is not in a map can be deleted from it.",
    file: "keyed.ts",
    line: "if (known !== undefined) this.#states.delete(key)",
  },
  {
    kind: "equivalent",
    why: "Who has no line has no place in one either: each of the two conditions holds when the other does.",
    file: "fair-queue.ts",
    line: "line?.indexOf(item) ?? -1",
  },
  {
    kind: "equivalent",
    why: "Who has no line has no place in one either: each of the two conditions holds when the other does.",
    file: "fair-queue.ts",
    line: "if (line === undefined || index < 0) return false",
  },
  {
    kind: "equivalent",
    why: "A line of one is never longer than one that has room for one more.",
    file: "fair-queue.ts",
    line: "let longest: readonly T[] = []",
  },
  {
    kind: "speed only",
    why: "A timer that is set anew although it need not be still fires when it is due.",
    file: "timeout.ts",
    line: "if (dueAt < this.#firesAt) this.#arm",
  },
  {
    kind: "never met",
    why: "No attempt begins at the very instant of its deadline: retry() ends the call first.",
    file: "timeout.ts",
    line: "if (deadline !== undefined && this.#startedAt >= deadline.dueAt)",
    mutator: "EqualityOperator",
  },
  {
    kind: "equivalent",
    why: "Whoever listens, or has listened, has started the timer: there is something to stop.",
    file: "deadline-signal.ts",
    line: "this.#stop?.()",
    mutator: "OptionalChaining",
  },
  {
    kind: "speed only",
    why: "A buffered body, too, can be read below a signal of its own.",
    file: "deadline.ts",
    line: 'return exchange.reading === "stream" ?',
  },
  {
    kind: "equivalent",
    why: "With a chance of 0 the drawn number decides the same.",
    file: "throttle.ts",
    line: "if (chance === 0 || random() >= chance)",
    mutator: "ConditionalExpression",
    replacement: "false",
  },
  {
    kind: "never met",
    why: "A drawn number is hardly ever just the chance.",
    file: "throttle.ts",
    line: "if (chance === 0 || random() >= chance)",
    mutator: "EqualityOperator",
  },
  {
    kind: "equivalent",
    why: "A reply has no code that could be one of these.",
    file: "throttle.ts",
    line: 'outcome.kind === "failure" && (outcome.code === "aborted"',
    mutator: "ConditionalExpression",
  },
  {
    kind: "equivalent",
    why: "Nobody waits, so nobody's wait can grow: what it was is not looked at.",
    file: "pace-gate.ts",
    line: "const before = size === 0 ? 0 :",
  },
  {
    kind: "speed only",
    why: "Nobody waits: there is nobody to let go or to reject.",
    file: "pace-gate.ts",
    line: "if (size === 0) return",
  },
  {
    kind: "speed only",
    why: "Looking again for who is late finds nobody where no wait has grown.",
    file: "pace-gate.ts",
    line: "if (this.#rate.waitMs(now, size) > before) this.#rejectTheLate(now)",
  },
  {
    kind: "equivalent",
    why: "Only a signal that there is can fire.",
    file: "pace-gate.ts",
    line: "const abort = (): void => leave(signalFailure(signal?.reason))",
    mutator: "OptionalChaining",
  },
  {
    kind: "speed only",
    why: "A timer that is set anew for the same instant fires at it.",
    file: "pace-gate.ts",
    line: "if (dueAt === this.#dueAt && this.#isArmed) return",
  },
  {
    kind: "message text",
    why: "Whether the pause or the queue is named as what is in the way.",
    file: "pace-gate.ts",
    line: "if (pauseMs > 0) return `the server asked for a pause",
  },
  {
    kind: "equivalent",
    why: "A failure is no redirect either, and is handed over with a URL that nobody reads.",
    file: "redirect.ts",
    line: 'if (outcome.kind === "failure") return outcome',
  },
  {
    kind: "equivalent",
    why: "The client takes the request's URL where a reply names none: naming it changes nothing.",
    file: "redirect.ts",
    line: "return hops === 0 ? outcome",
  },
  {
    kind: "equivalent",
    why: "A target is written by the URL parser, which puts a slash behind every host.",
    file: "redirect.ts",
    line: "if (!/^https?:",
    mutator: "Regex",
    replacement: "/^https?:\\/\\/[^/?#@]*(?:[/?#])/",
  },
  {
    kind: "equivalent",
    why: "303 changes every method but HEAD by the condition before, and HEAD is not POST.",
    file: "redirect.ts",
    line: "const toGet =",
    mutator: "EqualityOperator",
  },
  {
    kind: "equivalent",
    why: "A failure has no status, and so none of 401.",
    file: "auth.ts",
    line: "const refused =",
    mutator: "ConditionalExpression",
  },
  {
    kind: "message text",
    why: "Whether a wrong text is called empty or by its type.",
    file: "auth.ts",
    line: "give a text`)",
    mutator: "ConditionalExpression",
  },
  {
    kind: "speed only",
    why: "What is noted twice as a secret is hidden all the same.",
    file: "auth.ts",
    line: "if (exchange.secrets?.includes(value) === false)",
    mutator: "ConditionalExpression",
  },
  {
    kind: "speed only",
    why: "A watch where nobody learns from it costs an object.",
    file: "concurrency.ts",
    line: "outcome = await next(sent === undefined ? exchange",
  },
  {
    kind: "equivalent",
    why: "Only a signal that there is can fire.",
    file: "concurrency.ts",
    line: "const abort = (): void => end(signalFailure(signal?.reason))",
    mutator: "OptionalChaining",
  },
  {
    kind: "equivalent",
    why: "At equality both sides give the same number.",
    file: "peak-ewma.ts",
    line: "tookMs",
    mutator: "EqualityOperator",
  },
  {
    kind: "equivalent",
    why: "No bucket lies behind the last one: its weight reads as 0.",
    file: "latency-quantile.ts",
    line: "place < BUCKETS",
    mutator: "EqualityOperator",
  },
  {
    kind: "speed only",
    why: "The quantile is calculated more often than is needed.",
    file: "latency-quantile.ts",
    line: "if (this.#samples % REFRESH === 0)",
    mutator: "ConditionalExpression",
  },
  {
    kind: "never met",
    why: "Weights come to be compared with just 1,000,000 by no series of observations.",
    file: "latency-quantile.ts",
    line: "if (this.#weight > 1e6)",
    mutator: "EqualityOperator",
  },
  {
    kind: "speed only",
    why: "Where nothing is drawn there is nothing to deposit: asking is cheaper than looking for the origin.",
    file: "retry-budget.ts",
    line: "return this.#tokens.size > 0",
  },
  {
    kind: "equivalent",
    why: "No round at all takes no time.",
    file: "hold-times.ts",
    line: "rounds === 0",
    mutator: "ConditionalExpression",
  },
  {
    kind: "equivalent",
    why: "Tickets need to differ from each other, not to rise.",
    file: "circuit.ts",
    line: "this.#ticket++",
  },
  {
    kind: "speed only",
    why: "What is plainly below a base needs no URL parser.",
    file: "below-base.ts",
    line: "if (rest !== undefined && !REWRITTEN",
    mutator: "ConditionalExpression",
    replacement: "false",
  },
]

/** Whether an explanation is about a mutant. */
export function explains({ file, line, mutator, replacement, original }: Explanation, mutant: Mutant): boolean {
  return (
    (file === undefined || mutant.file.endsWith(`/${file}`)) &&
    (line === undefined || mutant.lineText.includes(line)) &&
    (mutator === undefined || mutant.mutator === mutator) &&
    (replacement === undefined || mutant.replacement === replacement) &&
    (original === undefined || original.test(mutant.original))
  )
}
