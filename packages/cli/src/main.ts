#!/usr/bin/env node
import { systemClock } from "steadfetch"
import { Interruption } from "./exit-codes.ts"
import { Output } from "./output.ts"
import { run } from "./program.ts"

const interruption = new AbortController()
// Once: whoever asks a second time is not kept waiting.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => interruption.abort(new Interruption(signal)))
}

const stderr = new Output(process.stderr)
// What Node tells of a defect stands on a line of its own.
process.on("uncaughtExceptionMonitor", () => stderr.live(""))

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: new Output(process.stdout),
  stderr,
  env: process.env,
  clock: systemClock,
  interrupted: interruption.signal,
})
