import type { TaskMap } from "./tasks.ts"

/** A question as it comes over the channel between processes. */
export interface Question {
  readonly task: string
  readonly input: unknown
}

/** Its answer; `error` for a task that failed. */
export interface Answer {
  readonly output?: unknown
  readonly error?: string
}

type Answering<T extends TaskMap> = { [K in keyof T]: (...input: Parameters<T[K]>) => Promise<ReturnType<T[K]>> }

/** Carries out what the parent process asks for, and ends with it. */
export function answerParent<T extends TaskMap>(tasks: Answering<T>): void {
  const carryOut = async ({ task, input }: Question): Promise<unknown> =>
    tasks[task as keyof T](...([input] as Parameters<T[keyof T]>))
  process.on("message", (question: Question) => {
    carryOut(question).then(
      (output) => say({ output }),
      (error: unknown) => say({ error: describe(error) }),
    )
  })
  process.once("disconnect", () => process.exit())
}

function say(answer: Answer): void {
  process.send?.(answer)
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`
}
