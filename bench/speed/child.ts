import { fork, type ChildProcess } from "node:child_process"
import type { Answer, Question } from "./answer-parent.ts"
import type { TaskMap } from "./tasks.ts"

/** No task takes this long but one that hangs. */
const LIMIT_MINUTES = 10

/** A process of its own that carries out tasks, one at a time. */
export class Child<T extends TaskMap> implements Disposable {
  readonly #process: ChildProcess

  /** @param script Relative to this file. */
  constructor(script: string) {
    this.#process = fork(new URL(script, import.meta.url), {
      execArgv: ["--conditions=@steadfetch/source", "--expose-gc"],
    })
    this.#process.setMaxListeners(0)
  }

  /** @throws Error when the task fails, or hangs, or the process ends before it is done. */
  ask<K extends keyof T & string>(task: K, ...[input]: Parameters<T[K]>): Promise<ReturnType<T[K]>> {
    return new Promise((resolve, reject) => {
      const onMessage = ({ output, error }: Answer): void => {
        settle()
        if (error === undefined) resolve(output as ReturnType<T[K]>)
        else reject(new Error(error))
      }
      const onExit = (code: number | null, signal: string | null): void => {
        settle()
        reject(new Error(`its process ended (${signal ?? code}) during "${task}"`))
      }
      const limit = setTimeout(() => {
        settle()
        this.#process.kill("SIGKILL")
        reject(new Error(`"${task}" took longer than ${LIMIT_MINUTES} minutes`))
      }, LIMIT_MINUTES * 60_000)
      const settle = (): void => {
        clearTimeout(limit)
        this.#process.off("message", onMessage).off("exit", onExit)
      }
      this.#process.on("message", onMessage).on("exit", onExit)
      this.#process.send({ task, input } satisfies Question)
    })
  }

  [Symbol.dispose](): void {
    this.#process.kill()
  }
}
