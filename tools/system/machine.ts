import { access, constants } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { runCommand, type CommandEnd } from "../run-command.ts"

/** What installing a package asks of a machine. */
export interface Machine {
  readonly isRoot: boolean
  /** The path of a program; undefined where it is missing. */
  find(program: string): Promise<string | undefined>
  /** @throws when there is no such program. */
  run(command: readonly string[]): Promise<CommandEnd>
}

/** Where servers are, which is not in every user's PATH. */
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"]

export const thisMachine: Machine = {
  isRoot: process.getuid?.() === 0,
  run: runCommand,
  async find(program) {
    const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS]
    for (const folder of folders.filter((name) => name !== "")) {
      const path = join(folder, program)
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (runs) return path
    }
    return undefined
  },
}
