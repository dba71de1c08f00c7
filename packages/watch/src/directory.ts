import { randomBytes } from "node:crypto"
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ConfigurationError } from "steadfetch"

/** Longer paths are no addresses of sockets: 104 bytes on macOS, 108 on Linux, with the zero at the end. */
const LONGEST_PATH = 103

/** What keeps programs and those who watch from meeting: nothing, where a socket can be one user's alone. */
export function obstacle(platform: string = process.platform): ConfigurationError | undefined {
  // Every user may read from a named pipe there, unless its creator says otherwise, which Node cannot.
  if (platform !== "win32") return undefined
  return new ConfigurationError(
    "watch: Windows has no socket that only you could reach; serve the page from the program with servePage(), or use the gateway's",
  )
}

/** Where a user's programs meet those who watch them: in the user's runtime directory, else in one for temporary files. */
export function meetingPlace(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_RUNTIME_DIR: runtime } = env
  if (runtime !== undefined && runtime !== "") return join(runtime, "steadfetch")
  return join(tmpdir(), `steadfetch-${process.getuid?.() ?? "user"}`)
}

/**
 * Makes the directory where it is missing.
 * @throws ConfigurationError when it is not this user's alone: whoever can enter it can watch.
 */
export function makePrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const { uid, mode } = lstatSync(directory)
  const isDirectory = (mode & 0o170_000) === 0o040_000
  const isMine = process.getuid === undefined || uid === process.getuid()
  if (!isDirectory || !isMine) {
    throw new ConfigurationError(`watch: ${directory} belongs to somebody else; give a directory of your own`)
  }
  if (process.getuid !== undefined && (mode & 0o077) !== 0) {
    throw new ConfigurationError(`watch: others can enter ${directory}; chmod 700 it, or give another directory`)
  }
}

/** The address of a new program's socket. @throws ConfigurationError when it would be too long to be one. */
export function newSocket(directory: string): string {
  const path = join(directory, `${process.pid}-${randomBytes(3).toString("hex")}.sock`)
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path
  throw new ConfigurationError(`watch: ${directory} is too long for a socket's address; give a shorter directory`)
}

/**
 * A text that only this user can read, the same each time: the page's address survives a restart with it.
 * @throws ConfigurationError when there is a file that holds none: with a key of nothing everybody would be let in.
 */
export function pageKey(directory: string): string {
  const path = join(directory, "page-key")
  const written = `${path}.${randomBytes(6).toString("hex")}`
  writeFileSync(written, randomBytes(16).toString("hex"), { mode: 0o600, flag: "wx" })
  try {
    // Whoever comes first: a file that is there is whole.
    linkSync(written, path)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  } finally {
    rmSync(written)
  }
  const key = readFileSync(path, "utf8")
  if (/^[\da-f]{32}$/.test(key)) return key
  throw new ConfigurationError(`watch: ${path} holds no key; remove it, and a new one is made`)
}
