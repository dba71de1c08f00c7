import { readFile } from "node:fs/promises"
import {
  parseScript,
  ScriptError,
  startFaultServer,
  type FaultServer,
  type Script,
} from "@steadfetch/testing/fault-server"
import { readArguments, type Command } from "../command.ts"
import { EXIT } from "../exit-codes.ts"
import { parseCount } from "../numbers.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import { flakyOptions, SCRIPT_MAKING } from "./options.ts"
import { answerOf, requestLine, summary } from "./request-line.ts"
import { scriptFromOptions, type ScriptOptions } from "./script.ts"

const SCRIPT_EXAMPLE = `  { "GET /users": [
      { "kind": "reply", "status": 503, "headers": { "retry-after": "1" } },
      { "kind": "drop", "at": "before-headers", "by": "reset" },
      { "kind": "reply", "status": 200, "body": { "json": [] } }
  ] }`

export const flakyCommand: Command = {
  name: "flaky",
  summary: "Starts a server that fails on purpose, prints its URL and a line for every request, and ends with Ctrl-C.",
  usage: "[OPTIONS]",
  options: flakyOptions,
  examples: [
    ["503 twice, then 200", "steadfetch flaky --status 503 --times 2 --retry-after 1 --port 8080"],
    ["a fifth of the requests fails", "steadfetch flaky --fail-share 0.2"],
    ["anything else: resets, stalls, broken bodies", "steadfetch flaky --script trouble.json"],
  ],
  notes: [
    "A script maps routes to steps, one per request, the last one repeated:",
    SCRIPT_EXAMPLE,
    "The README of @steadfetch/cli lists what a step can be.",
  ],
  run: flaky,
}

async function flaky(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { values, positionals } = readArguments("flaky", flakyOptions, args)
  if (positionals.length > 0) {
    throw new UsageError(`flaky takes no ${JSON.stringify(positionals[0])}; a script is given with --script FILE`)
  }
  const script = values.script === undefined ? scriptFromOptions(values) : await scriptFromFile(values.script, values)
  const port = parseCount("--port", values.port ?? "0", 0, 65_535)
  const { stdout, interrupted } = surroundings
  const answers: string[] = []
  const server = await listening(values.host ?? "127.0.0.1", port, script, (request) => {
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

async function scriptFromFile(path: string, options: ScriptOptions): Promise<Script> {
  const extra = SCRIPT_MAKING.find((name) => options[name] !== undefined)
  if (extra !== undefined) throw new UsageError(`--${extra} has no effect with --script; put it into the script`)
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
