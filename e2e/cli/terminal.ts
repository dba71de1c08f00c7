import { spawn } from "node:child_process"
import { expect } from "vitest"
import { MAIN } from "./steadfetch-process.ts"

/** Other systems' `script` takes its arguments differently. */
export const onLinux = { skip: process.platform !== "linux" }

export interface TerminalGiven {
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** The command on a terminal. */
export interface OnTerminal {
  /** How it ended, and all that the terminal got, line ends as in texts. */
  readonly ended: Promise<{ readonly code: number | null; readonly text: string }>
  /** Resolves with all output so far once it matches; rejects when the command ends without. */
  shows(pattern: RegExp): Promise<string>
  /** Types keys: "\u0003" is Ctrl-C. */
  type(keys: string): void
}

/**
 * Starts the real command on a pseudo terminal, which `script` of util-linux is. Before and after it the terminal's
 * settings are told as "settings: …".
 */
export function startOnTerminal(args: string, { columns = 80, env = {}, cwd }: TerminalGiven = {}): OnTerminal {
  const command = `"${process.execPath}" --conditions=@steadfetch/source "${MAIN}" ${args}`
  // Ctrl-C is for the command, and not for the shell that tells of the settings.
  const session = `trap : INT; stty cols ${columns} rows 24; echo "settings: $(stty -g | cksum)"; ${command}; code=$?; echo "settings: $(stty -g | cksum)"; exit $code`
  const bare = { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", SHELL: "/bin/sh", ...env }
  const child = spawn("script", ["-qec", session, "/dev/null"], { env: bare, cwd })
  let text = ""
  const listeners = new Set<() => void>()
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece
    for (const listener of listeners) listener()
  })
  const seen = (): string => text.replaceAll("\r\n", "\n")
  const ended = new Promise<{ code: number | null; text: string }>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, text: seen() }))
  })
  return {
    ended,
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(seen())) return
          listeners.delete(look)
          resolve(seen())
        }
        listeners.add(look)
        look()
        void ended.then(({ text }) => reject(new Error(`the command ended without ${String(pattern)}: ${text}`)))
      }),
    type: (keys) => void child.stdin.write(keys),
  }
}

/** The text without styles, and with "⌫" for what clears the rest of a line. */
export function unstyled(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b\[[\d;]*m/g, "").replaceAll("\u001b[K", "⌫")
}

function isStyle(token: string): boolean {
  return token.startsWith("\u001b") && unstyled(token) === ""
}

/**
 * What a terminal shows of this in the end, lines unbroken.
 * @throws Error for an escape sequence that changes more than a line, and for a line that moves and is too long for it.
 */
export function screenOf(text: string, columns: number): string[] {
  const lines: string[][] = [[]]
  let column = 0
  // oxlint-disable-next-line no-control-regex
  for (const [token] of text.matchAll(/\u001b\[[\d;?]*[a-zA-Z]|[^]/gu)) {
    const line = lines.at(-1) ?? []
    if (token === "\r") {
      if (line.length >= columns) throw new Error(`a line is drawn again that the terminal broke: ${line.join("")}`)
      column = 0
    } else if (token === "\u001b[K") line.length = Math.min(line.length, column)
    else if (token === "\n") {
      lines.push([])
      column = 0
    } else if (isStyle(token)) continue
    else if (token.startsWith("\u001b")) throw new Error(`unexpected escape sequence ${JSON.stringify(token)}`)
    else line[column++] = token
  }
  return lines.map((line) => line.join(""))
}

/** The settings of the terminal are what they were, the cursor was never hidden, and stands at a line's beginning. */
export function expectRestored(text: string): void {
  const [before, after] = [...text.matchAll(/settings: (.*)\n/g)].map(([, settings]) => settings)
  expect(after).toBeDefined()
  expect(after).toBe(before)
  expect(text).toMatch(/\nsettings: [^\n]*\n$/)
  expect(text).not.toContain("\u001b[?")
}
