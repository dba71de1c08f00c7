import { readFile } from "node:fs/promises"
import {
  parseScript,
  ScriptError,
  startFaultServer,
  type FaultServer,
  type Script,
} from "@steadfetch/testing/fault-server"
import { EXIT } from "../exit-codes.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { FlakyTask } from "./arguments.ts"
import { answerOf, requestLine, summary } from "./request-line.ts"

/** Runs the server until it is interrupted. Resolves to the exit code. */
export async function flaky(task: FlakyTask, { stdout, interrupted }: Surroundings): Promise<number> {
  const script = typeof task.script === "string" ? await scriptFromFile(task.script) : task.script
  const answers: string[] = []
  const server = await listening(task.host, task.port, script, (request) => {
    answers.push(answerOf(request, script))
    stdout.line(requestLine(request, script, stdout.paint))
  })
  stdout.line(`${stdout.paint("bold", server.origin)}  fails on purpose; Ctrl-C ends it`)
  await firstOf(interrupted, stdout.abandoned)
  const connections = server.totalConnections
  await server.close()
  stdout.line(summary(answers, connections))
  return EXIT.success
}

async function scriptFromFile(path: string): Promise<Script> {
  let text: string
  try {
    text = await readFile(path, "utf8")
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown"
    throw new UsageError(`--script: ${JSON.stringify(path)} cannot be read (${code}); give the path of a JSON file`, {
      cause,
    })
  }
  return asUsage("--script: ", () => parseScript(text, path))
}

async function listening(
  host: string,
  port: number,
  script: Script,
  observe: NonNullable<Parameters<typeof startFaultServer>[1]>["observe"],
): Promise<FaultServer> {
  try {
    return await startFaultServer(script, { host, port, ...(observe === undefined ? {} : { observe }) })
  } catch (error) {
    if (error instanceof ScriptError) throw new UsageError(`--script: ${error.message}`, { cause: error })
    const code = error instanceof Error && "code" in error ? error.code : undefined
    if (code === "EADDRINUSE")
      throw new UsageError(`--port ${port} is in use; give another, or none for a free one`, { cause: error })
    if (code === "EACCES") throw new UsageError(`--port ${port} needs privileges; give one from 1024`, { cause: error })
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
      throw new UsageError(`--host ${host} is no address of this machine; give 127.0.0.1 or 0.0.0.0`, { cause: error })
    }
    throw error
  }
}

function asUsage<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof ScriptError) throw new UsageError(prefix + error.message, { cause: error })
    throw error
  }
}

function firstOf(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of signals) {
      if (signal.aborted) resolve()
      signal.addEventListener("abort", () => resolve(), { once: true })
    }
  })
}
