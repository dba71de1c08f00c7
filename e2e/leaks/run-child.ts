import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

/**
 * Runs a TypeScript file in a Node process of its own, which gets its input as JSON in its only argument, and gives what
 * it wrote to its standard output, parsed. A child has to end by itself: what keeps it alive is a leak.
 * @throws Error when it fails or says anything on its standard error output, warnings included.
 */
export async function runChild<Report>(file: URL, input: unknown, flags: readonly string[] = []): Promise<Report> {
  const program = [fileURLToPath(file), JSON.stringify(input)]
  const args = ["--conditions=@steadfetch/source", "--expose-gc", ...flags, ...program]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
  const [report, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  if (code !== 0 || complaint !== "") throw new Error(`${file.pathname} ended with code ${String(code)}: ${complaint}`)
  return JSON.parse(report) as Report
}
