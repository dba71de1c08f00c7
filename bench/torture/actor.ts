import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Task } from "./task.ts"

/** Something that is killed, and begins again. */
export interface Victim {
  readonly kind: "worker" | "enqueuer" | "server"
  /** Resolves once it is at work. Rejects when it ends without having been killed. */
  ready(): Promise<void>
  kill(): Promise<void>
  begin(): Promise<void>
}

/** A process that is told a task, and tells what it does, line by line. */
export class Actor implements Victim {
  readonly kind: "worker" | "enqueuer"
  readonly #task: () => Task
  readonly #told: (line: string) => void
  #process: ChildProcess | undefined
  #isReady = Promise.withResolvers<void>()
  #ended: Promise<unknown> = Promise.resolve()

  /** @param told Of each line but "ready". */
  constructor(kind: Actor["kind"], task: () => Task, told: (line: string) => void) {
    this.kind = kind
    this.#task = task
    this.#told = told
  }

  ready(): Promise<void> {
    return this.#isReady.promise
  }

  async begin(): Promise<void> {
    const isReady = Promise.withResolvers<void>()
    // Who kills it before it is ready does not wait.
    isReady.promise.catch(() => {})
    this.#isReady = isReady
    const file = fileURLToPath(new URL(`${this.kind}-process.ts`, import.meta.url))
    const child = spawn(process.execPath, ["--conditions=@steadfetch/source", file, JSON.stringify(this.#task())], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    })
    this.#process = child
    let said = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text))
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on("line", (line) =>
        line === "ready" ? isReady.resolve() : this.#told(line),
      )
    this.#ended = once(child, "close").then(() => {
      if (this.#process !== child) return
      const error = new Error(`the ${this.kind} ended by itself:\n${said}`)
      isReady.reject(error)
      // Whoever asks next is told, also when it was ready before.
      this.#isReady = Promise.withResolvers()
      this.#isReady.promise.catch(() => {})
      this.#isReady.reject(error)
    })
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    child?.kill("SIGKILL")
    await this.#ended
  }
}
