import { bearer, documented, rfc9110, strict, type Credentials, type RequestOptions } from "steadfetch"
import type { Options } from "./command.ts"
import { formatDuration, parseLimit } from "./duration.ts"
import { parseCount } from "./numbers.ts"
import { parseChoice, parseHeader, parsePair } from "./parse.ts"
import type { Surroundings } from "./surroundings.ts"
import { tokenFrom } from "./token.ts"
import { UsageError } from "./usage-error.ts"

/** What every command takes that calls an API. */
export const requestOptions = {
  header: { type: "string", short: "H", multiple: true, value: "'NAME: VALUE'", help: "a header field; repeatable" },
  query: { type: "string", multiple: true, value: "NAME=VALUE", help: "a query parameter, encoded; repeatable" },
  "bearer-env": {
    type: "string",
    value: "NAME",
    help: "sends the token in the environment variable NAME; to the URL's origin only. Every process could read a token among the arguments",
  },
  timeout: {
    type: "string",
    value: "DURATION",
    help: "for each attempt until its header, and for each silence in its body; default 20s",
  },
  attempts: { type: "string", value: "NUMBER", help: "the most attempts, the first included; default 10" },
  retries: { type: "string", value: "NUMBER", help: "the most attempts after the first; default 9, 0 sends once" },
  contract: {
    type: "string",
    choices: ["documented", "strict", "rfc9110"],
    help: "what each status means; default documented, strict never sends a 4xx again",
  },
} as const satisfies Options

/** What stands at the end of each help. */
export const closingOptions = {
  quiet: { type: "boolean", short: "q", help: "shows no progress; an error still gets its line" },
  help: { type: "boolean", short: "h", help: "this help" },
} as const satisfies Options

const CONTRACTS = { documented, strict, rfc9110 } as const

interface Values {
  readonly header?: readonly string[] | undefined
  readonly query?: readonly string[] | undefined
  readonly "bearer-env"?: string | undefined
  readonly deadline?: string | undefined
  readonly timeout?: string | undefined
  readonly attempts?: string | undefined
  readonly retries?: string | undefined
  readonly contract?: string | undefined
  readonly quiet?: boolean | undefined
}

export type RequestSettings = ReturnType<typeof parseRequest>

/** The checked values of {@link requestOptions}, `deadline` and `quiet`. @throws UsageError naming the option and the fix. */
export function parseRequest(values: Values, env: Surroundings["env"]) {
  const headers = (values.header ?? []).map(parseHeader)
  const deadline = values.deadline === undefined ? undefined : parseLimit("--deadline", values.deadline)
  const timeout = values.timeout === undefined ? undefined : parseLimit("--timeout", values.timeout)
  checkLimits(deadline, timeout)
  return {
    headers,
    query: (values.query ?? []).map((text) => parsePair("--query", text)),
    /** Whether a credential stands among the arguments. */
    showsCredentials: headers.some(([name]) => name.toLowerCase() === "authorization"),
    auth: credentials(values["bearer-env"], env, headers),
    deadline,
    timeout: timeout === undefined || timeout === false ? timeout : { attemptMs: timeout, stallMs: timeout },
    retry: parseAttempts(values.attempts, values.retries),
    contract: CONTRACTS[parseChoice("--contract", values.contract ?? "documented", requestOptions.contract.choices)],
    quiet: values.quiet ?? false,
  }
}

/** What a client that calls this URL is made with. Credentials go to one origin: the one they were given for. */
export function clientOptions({ auth, contract, timeout, retry }: RequestSettings, url: string) {
  return {
    ...(auth === undefined ? {} : { baseUrl: new URL(url).origin, auth }),
    contract,
    timeout,
    // A budget keeps many calls from flooding a server; one by itself has its attempts and its deadline.
    retry: { ...retry, budget: false as const },
  }
}

/** A token among the arguments gets a word about it. */
export function noteCredentials({ showsCredentials, quiet }: RequestSettings, stderr: Surroundings["stderr"]): void {
  if (!showsCredentials || quiet) return
  stderr.line(
    stderr.paint("dim", "note: every process can read a token in --header; --bearer-env NAME keeps it private"),
  )
}

/** @throws UsageError for an attempt that may take longer than all of them. */
function checkLimits(deadline: number | false | undefined, timeout: number | false | undefined): void {
  if (typeof deadline !== "number" || typeof timeout !== "number" || timeout <= deadline) return
  throw new UsageError(
    `--timeout (${formatDuration(timeout)} for one attempt) is above --deadline (${formatDuration(deadline)} for all); lower it, or raise the deadline`,
  )
}

function credentials(
  name: string | undefined,
  env: Surroundings["env"],
  headers: readonly (readonly [string, string])[],
): Credentials | undefined {
  if (name === undefined) return undefined
  if (headers.some(([field]) => field.toLowerCase() === "authorization")) {
    throw new UsageError("--bearer-env and --header Authorization both give credentials; give one")
  }
  return bearer(tokenFrom(env, name))
}

/** The numbers of `--attempts` or `--retries`. @throws UsageError for both. */
export function parseAttempts(attempts: string | undefined, retries: string | undefined): RequestOptions["retry"] {
  if (attempts !== undefined && retries !== undefined) {
    throw new UsageError("--attempts and --retries say the same in two ways; give one (attempts = retries + 1)")
  }
  if (attempts !== undefined) return { attempts: parseCount("--attempts", attempts, 1) }
  if (retries !== undefined) return { attempts: parseCount("--retries", retries, 0) + 1 }
  return undefined
}
