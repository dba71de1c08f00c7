import { spawn } from "node:child_process"
import { delimiter, join } from "node:path"

/** The repository's root: every tool works on it, wherever it was started. */
export const root = join(import.meta.dirname, "..")

export interface CommandEnd {
  readonly succeeded: boolean
  /** Standard output and standard error, in the order they were written. */
  readonly output: string
}

/** Runs a program in the repository's root (or `cwd`) and collects what it prints; programs of node_modules are found. */
export function runCommand([program = "", ...args]: readonly string[], cwd = root): Promise<CommandEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandEnd>()
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, PATH: path, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const chunks: Buffer[] = []
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk))
  child.once("error", reject)
  child.once("close", (code) => resolve({ succeeded: code === 0, output: Buffer.concat(chunks).toString() }))
  return promise
}
