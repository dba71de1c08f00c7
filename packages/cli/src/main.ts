#!/usr/bin/env node
import { Interruption } from "./exit-codes.ts"
import { Output } from "./output.ts"
import { run } from "./program.ts"

const interruption = new AbortController()
// Once: whoever asks a second time is not kept waiting.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => interruption.abort(new Interruption(signal)))
}

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: new Output(process.stdout),
  stderr: new Output(process.stderr),
  env: process.env,
  interrupted: interruption.signal,
})
