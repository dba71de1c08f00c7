import {
  checkConfiguration,
  jsonLog,
  readConfiguration,
  startGateway,
  type Configuration,
  type Gateway,
} from "@steadfetch/gateway"
import { ConfigurationError } from "steadfetch"
import { readArguments, type Command } from "../command.ts"
import { EXIT } from "../exit-codes.ts"
import type { Surroundings } from "../surroundings.ts"
import { UsageError } from "../usage-error.ts"
import { configurationFrom, type GatewayValues } from "./configuration.ts"
import { DESCRIBING, gatewayOptions } from "./options.ts"

const FILE_EXAMPLE = `  upstreams:
    orders: { prefix: /orders, url: "https://orders.example.com/v1" }
    search:
      prefix: /search
      url: "https://search.example.com"
      auth: { bearer: { env: SEARCH_TOKEN } }
      retry: { attempts: 4 }`

export const gatewayCommand: Command = {
  name: "gateway",
  summary:
    "Hands requests on to an API, with retries, limits and credentials, so that a program in any language makes its calls as steadfetch does.",
  usage: "--upstream URL [OPTIONS]  or  gateway --config FILE",
  options: gatewayOptions,
  examples: [
    ["calls to http://localhost:8480 go to the API", "steadfetch gateway --upstream https://api.example.com"],
    ["from any program", "curl -i http://localhost:8480/users/7"],
    [
      "with a token that only the gateway knows",
      "steadfetch gateway --upstream https://api.example.com --bearer-env TOKEN",
    ],
    ["several APIs, from a file", "steadfetch gateway --config gateway.yaml"],
    ["is the file sound?", "steadfetch gateway --config gateway.yaml --check"],
  ],
  notes: [
    "A file names the upstreams, by a prefix of the path or by the name in Host:",
    FILE_EXAMPLE,
    "SIGHUP reads the file anew, and an unsound one changes nothing. SIGTERM and Ctrl-C take no more requests, and end when those under way have ended.",
    "Each request is a line of JSON on standard output. The header fields Steadfetch-Attempts, -Verdict, -Story and -Retry-At of a reply say how it came about.",
  ],
  run: gateway,
}

async function gateway(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { values, positionals } = readArguments("gateway", gatewayOptions, args)
  const { env, stdout, stderr, interrupted } = surroundings
  if (positionals.length > 0) {
    throw new UsageError(`gateway takes no ${JSON.stringify(positionals[0])}; the server is given with --upstream URL`)
  }
  const configuration = given(values, env)
  if (values.check === true) {
    const count = Object.keys(configuration.upstreams).length
    stdout.line(`${values.config ?? "the options"}: sound, with ${count === 1 ? "1 upstream" : `${count} upstreams`}`)
    return EXIT.success
  }
  const log = jsonLog(inBatches((lines) => stdout.text(lines)))
  const running = await startGateway(configuration, { env, log })
  const bold = (text: string): string => stderr.paint("bold", text)
  stderr.line(`${bold(running.origin)}  hands requests on to ${upstreamsOf(configuration)}`)
  if (running.adminOrigin !== undefined)
    stderr.line(`${bold(running.adminOrigin)}/-/watch  /-/metrics  /-/ready  /-/health`)
  const reload = (): void => reloaded(running, values.config, surroundings)
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

function given(values: GatewayValues, env: Surroundings["env"]): Configuration {
  if (values.config === undefined) return checkedOptions(values, env)
  const extra = DESCRIBING.find((name) => values[name] !== undefined)
  if (extra !== undefined) throw new UsageError(`--${extra} has no effect with --config; put it into the file`)
  return readConfiguration(values.config, env)
}

/** Which option a part of the configuration came from. */
const OPTION_OF: Readonly<Record<string, string>> = {
  "listen.host": "--host",
  "token.env": "--token-env",
  "allow.hosts": "--allow-host",
  "allow.origins": "--allow-origin",
  "upstreams.default.url": "--upstream",
  "upstreams.default.auth.bearer.env": "--bearer-env",
  "upstreams.default": "the options",
}

function checkedOptions(values: GatewayValues, env: Surroundings["env"]): Configuration {
  try {
    return checkConfiguration(configurationFrom(values), env)
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

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener("abort", () => resolve(), { once: true })
  })
}
