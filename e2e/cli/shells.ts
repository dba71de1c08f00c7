import { spawn } from "node:child_process"
import { mkdtemp, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { systemProgram } from "../../tools/system/system-program.ts"
import { unstyled } from "./terminal.ts"

export type ShellName = "bash" | "zsh" | "fish"

/** A shell that has read what `steadfetch completion` printed. */
export interface Shell extends AsyncDisposable {
  /** What the last word of a line could become; where it could become nothing, that word itself, if there is one. */
  completions(line: string): Promise<string[]>
  /** What the shell shows of that, once it matches. */
  shown(line: string, until: RegExp): Promise<string>
}

export interface ShellGiven {
  /** Where it runs. */
  readonly cwd: string
  readonly script: string
  /** What it runs before the script. */
  readonly before?: string
  readonly env?: Readonly<Record<string, string>>
}

/** The path of a shell; its Debian package is installed where it is missing. */
export function shellProgram(name: ShellName): Promise<string> {
  return systemProgram(name, name)
}

/** Starts a shell as users have it, without any user's settings. */
export async function startShell(name: ShellName, given: ShellGiven): Promise<Shell> {
  const program = await shellProgram(name)
  const home = await mkdtemp(join(given.cwd, ".home-"))
  const script = join(home, "completion")
  await writeFile(script, given.script)
  const env = { PATH: process.env["PATH"] ?? "", TERM: "xterm", SHELL: "/bin/sh", HOME: home, ZDOTDIR: home }
  const started = { cwd: given.cwd, env: { ...env, ...given.env } }
  if (name === "fish") return fish(program, script, started)
  const settings = join(home, name === "bash" ? "bashrc" : ".zshrc")
  await writeFile(settings, [given.before ?? "", "PS1='ready> '", `. ${script}`, SETTINGS[name], RECORDING].join("\n"))
  return interactive(`${program} ${name === "bash" ? `--noprofile --rcfile ${settings}` : "-d"} -i`, started)
}

/** Control-X puts all matches into the line, Control-O shows them. */
const SETTINGS = {
  bash: String.raw`bind '"\C-x": insert-completions'; bind '"\C-o": possible-completions'`,
  zsh: `
    zle -C all-matches complete-word _generic
    zstyle ':completion:all-matches::::' completer _all_matches _complete
    zstyle ':completion:all-matches:*' insert true
    bindkey '^X' all-matches
    bindkey '^O' list-choices
    LISTMAX=0`,
} as const

/** The line is run in the end, so that it is seen what the command would get. */
const RECORDING = String.raw`steadfetch() { printf '|%s' begins "$@" ends; printf '\n'; }`

interface Started {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** bash or zsh on a pseudo terminal, where lines are typed. */
async function interactive(command: string, { cwd, env }: Started): Promise<Shell> {
  const child = spawn("script", ["-qec", `stty cols 400 rows 200; exec ${command}`, "/dev/null"], { cwd, env })
  const ended = new Promise((resolve) => void child.once("close", resolve))
  let text = ""
  let look = (): void => {}
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece
    look()
  })
  /** Types, and resolves once what came since then matches. */
  const typed = (keys: string, pattern: RegExp): Promise<RegExpExecArray> => {
    text = keys === "" ? text : ""
    child.stdin.write(keys)
    return new Promise((resolve, reject) => {
      look = () => {
        const match = pattern.exec(unstyled(text).replaceAll("\r", ""))
        if (match !== null) resolve(match)
      }
      look()
      void ended.then(() => reject(new Error(`the shell ended without ${String(pattern)}: ${text}`)))
    })
  }
  await typed("", /ready> /)
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end("\u0015exit\r")
      await ended
    },
    async completions(line) {
      const [, words = ""] = await typed(`${line}\u0018\r`, /\|begins([^\n]*)\|ends\n[^]*ready> /)
      return words.split("|").slice(line.split(" ").length - 1)
    },
    async shown(line, until) {
      const { input } = await typed(`${line}\u000f`, until)
      await typed("\u0015steadfetch\r", /\|ends\n[^]*ready> /)
      return input
    },
  }
}

/** fish tells what it would complete when it is asked. */
function fish(program: string, script: string, started: Started): Shell {
  const asked = async (line: string): Promise<string> => {
    const child = spawn(
      program,
      ["--no-config", "-c", `source ${script}; complete -C ${JSON.stringify(line)}`],
      started,
    )
    child.stdin.end()
    const pieces: string[] = []
    for await (const piece of child.stdout.setEncoding("utf8") as AsyncIterable<string>) pieces.push(piece)
    return pieces.join("")
  }
  return {
    async [Symbol.asyncDispose]() {},
    async completions(line) {
      const lines = (await asked(line)).split("\n").slice(0, -1)
      const begun = line.split(" ").at(-1) ?? ""
      return lines.length === 0 && begun !== "" ? [begun] : lines.map((text) => text.split("\t", 1)[0] ?? "")
    },
    async shown(line, until) {
      const text = await asked(line)
      if (until.test(text)) return text
      throw new Error(`fish did not show ${String(until)}: ${text}`)
    },
  }
}
