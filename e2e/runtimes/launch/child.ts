import { spawn, type ChildProcess, type StdioOptions } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"

/** A suite that takes longer than this hangs. */
const MOST_MS = 180_000

/** Runs a program to its end; resolves with what it printed. @throws Error with its complaints when it fails. */
export async function output(program: string, args: readonly string[], cwd?: string): Promise<string> {
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: MOST_MS })
  const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  if (child.exitCode === 0) return printed
  throw new Error(`it ended with ${child.exitCode ?? child.signalCode}:\n${complaints}${printed}`.trimEnd())
}

/** A program that runs while it is used; it and its children end afterwards. */
export async function running<T>(
  program: string,
  args: readonly string[],
  stdio: StdioOptions,
  use: (child: ChildProcess) => Promise<T>,
): Promise<T> {
  const child = spawn(program, args, { stdio, detached: true })
  const closed = once(child, "close")
  const failed = closed.then(([code, signal]): never => {
    throw new Error(`${program} ended too early, with ${code ?? signal}`)
  })
  const tooLong = Promise.withResolvers<never>()
  const timer = setTimeout(() => tooLong.reject(new Error(`the suite is not over after ${MOST_MS} ms`)), MOST_MS)
  try {
    return await Promise.race([use(child), failed, tooLong.promise])
  } finally {
    clearTimeout(timer)
    failed.catch(() => {})
    // The negative id is the group that it leads.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL")
    await closed.catch(() => {})
  }
}
