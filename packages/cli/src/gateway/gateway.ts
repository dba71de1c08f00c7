import {
  checkConfiguration,
  jsonLog,
  readConfiguration,
  startGateway,
  type Configuration,
  type Gateway,
} from "@steadfetch/gateway"
import { ConfigurationError } from "steadfetch"
import { EXIT } from "../exit-codes.ts"
import { fired } from "../fired.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import type { GatewayTask } from "./arguments.ts"

/** Runs the gateway until it is interrupted. Resolves to the exit code. */
export async function gateway({ config, options, check }: GatewayTask, surroundings: Surroundings): Promise<number> {
  const { env, stdout, stderr, interrupted } = surroundings
  const configuration = config === undefined ? checkedOptions(options, env) : readConfiguration(config, env)
  if (check) {
    const count = Object.keys(configuration.upstreams).length
    stdout.line(`${config ?? "the options"}: sound, with ${count === 1 ? "1 upstream" : `${count} upstreams`}`)
    return EXIT.success
  }
  const log = jsonLog(inBatches((lines) => stdout.text(lines)))
  const running = await startGateway(configuration, { env, log })
  const bold = (text: string): string => stderr.paint("bold", text)
  stderr.line(`${bold(running.origin)}  hands requests on to ${upstreamsOf(configuration)}`)
  if (running.adminOrigin !== undefined)
    stderr.line(`${bold(running.adminOrigin)}/-/watch  /-/metrics  /-/ready  /-/health`)
  const reload = (): void => reloaded(running, config, surroundings)
  process.on("SIGHUP", reload)
  await fired(interrupted)
  stderr.line("closing: requests under way are finished")
  await running.close()
  process.off("SIGHUP", reload)
  return EXIT.success
}

/** Writes what one turn of the event loop has to say at once: writing to a file or a pipe takes longer than a request. */
function inBatches(write: (lines: string) => void): { write(line: string): void } {
  let held = ""
  return {
    write(line) {
      if (held === "") {
        setImmediate(() => {
          write(held)
          held = ""
        })
      }
      held += line
    },
  }
}

/** Which option a part of the configuration came from. */
const OPTION_OF: Readonly<Record<string, string>> = {
  "listen.host": "--host",
  "token.env": "--token-env",
  "allow.hosts": "--allow-host",
  "allow.origins": "--allow-origin",
  "outbox.file": "--outbox",
  "upstreams.default.url": "--upstream",
  "upstreams.default.auth.bearer.env": "--bearer-env",
  "upstreams.default": "the options",
}

function checkedOptions(configuration: Configuration, env: Surroundings["env"]): Configuration {
  try {
    return checkConfiguration(configuration, env)
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error
    const lines = error.message.split("\n").map((line) => {
      const place = Object.keys(OPTION_OF).find((path) => line.startsWith(path))
      return place === undefined ? line : line.replace(/^[\w.]+/, OPTION_OF[place] ?? place)
    })
    throw new UsageError(lines.join("\n"), { cause: error })
  }
}

function upstreamsOf({ upstreams }: Configuration): string {
  return Object.values(upstreams)
    .map(({ url }) => url)
    .join(", ")
}

/** Reads the file anew. What is wrong with it is said, and changes nothing. */
function reloaded(running: Gateway, path: string | undefined, { env, stderr }: Surroundings): void {
  if (path === undefined) return stderr.line("nothing to reload: the configuration came from the command line")
  try {
    const later = running.reload(() => readConfiguration(path, env))
    stderr.line(`reloaded ${path}`)
    if (later.length > 0) stderr.line(`${later.join(", ")}: what changed there takes a restart`)
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error
    stderr.line(`${stderr.paint("red", "not reloaded")}, the old configuration goes on:\n${error.message}`)
  }
}
