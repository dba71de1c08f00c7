import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

/** The command, from its sources. */
export const MAIN = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url))

/** How the command ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** The command while it runs. */
export interface Running {
  readonly ended: Promise<Ended>
  /** Resolves with all output so far once it holds this; rejects when the command ends without. */
  wrote(where: "stdout" | "stderr", text: string): Promise<string>
  /** Sends it a signal. */
  signal(name: "SIGHUP" | "SIGINT" | "SIGKILL" | "SIGTERM"): void
  /** Reads no more of its standard output, as `head -1` does. */
  leave(): void
}

export interface Given {
  /** What comes on standard input; "open" lets it wait for more than there is. Nothing by default. */
  readonly stdin?: Uint8Array | "open"
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs; the tests' own folder by default. */
  readonly cwd?: string
}

/** Only what the command may look at: nothing of the environment that the tests run in. */
const BARE: Readonly<Record<string, string>> = { PATH: process.env["PATH"] ?? "" }

/** Starts the real command, from its sources, with pipes for standard input, output and error. */
export function startSteadfetch(args: readonly string[], given: Given = {}): Running {
  const env = { ...BARE, ...given.env }
  const child = spawn(process.execPath, ["--conditions=@steadfetch/source", MAIN, ...args], { env, cwd: given.cwd })
  const pieces = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  const listeners = new Set<() => void>()
  for (const where of ["stdout", "stderr"] as const) {
    child[where].on("data", (piece: Buffer) => {
      pieces[where].push(piece)
      for (const listener of listeners) listener()
    })
  }
  // The command may end before it has read everything.
  child.stdin.on("error", () => {})
  if (given.stdin !== "open") child.stdin.end(given.stdin)
  const soFar = (where: "stdout" | "stderr"): Buffer => Buffer.concat(pieces[where])
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout: soFar("stdout"), stderr: soFar("stderr").toString() }))
  })
  return {
    ended,
    wrote: (where, text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const all = soFar(where).toString()
          if (!all.includes(text)) return
          listeners.delete(look)
          resolve(all)
        }
        listeners.add(look)
        look()
        void ended.then(() =>
          reject(new Error(`the command ended without ${JSON.stringify(text)}: ${soFar(where).toString()}`)),
        )
      }),
    signal: (name) => void child.kill(name),
    leave: () => child.stdout.destroy(),
  }
}

/** Runs the real command to its end. */
export function steadfetch(args: readonly string[], given: Given = {}): Promise<Ended> {
  return startSteadfetch(args, given).ended
}
