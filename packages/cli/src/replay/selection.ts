import { UsageError } from "../usage-error.ts"
import type { ReplayTask } from "./arguments.ts"
import { isCredentialField } from "./credentials.ts"
import type { RecordedCall } from "./recording.ts"
import { repeated, type LeftOut, type ReplayedCall } from "./request.ts"

/** So many calls are kept, with what became of them. */
const MOST_CALLS = 100_000

/** What of a recording is made again. */
export interface Selection {
  readonly calls: readonly ReplayedCall[]
  /** Those that are meant, and cannot or must not be sent. */
  readonly leftOut: readonly LeftOut[]
  /** How many the filters do not mean. */
  readonly unmeant: number
  /** The origin that given credentials are for; undefined where there are several. */
  readonly origin: string | undefined
}

/** Chooses the calls, and makes their requests. @throws UsageError where one origin is needed and there are several. */
export function selection(recorded: readonly RecordedCall[], task: ReplayTask): Selection {
  const meant = recorded.filter((call) => isMeant(call, task))
  const fields = [
    ...task.headers.map(([name]) => name.toLowerCase()),
    ...(task.auth === undefined ? [] : ["authorization"]),
  ]
  const plan = { ...task, givenFields: new Set(fields) }
  const calls: ReplayedCall[] = []
  const leftOut: LeftOut[] = []
  for (const call of meant) {
    const made = repeated(call, plan)
    if ("why" in made) leftOut.push(made)
    else calls.push(made)
  }
  if (calls.length > MOST_CALLS)
    throw new UsageError(
      `${calls.length} calls are too many for one replay; choose at most ${MOST_CALLS} with --url or --status`,
    )
  const origins = [...new Set(calls.map(({ recorded }) => new URL(recorded.url).origin))]
  checkOrigins(origins, task)
  return {
    calls,
    leftOut,
    unmeant: recorded.length - meant.length,
    origin: task.to ?? (origins.length === 1 ? origins[0] : undefined),
  }
}

function isMeant({ method, url, status }: RecordedCall, { methods, urls, statuses }: ReplayTask): boolean {
  return (
    (methods.length === 0 || methods.includes(method)) &&
    (urls.length === 0 || urls.some((matches) => matches(url))) &&
    (statuses.length === 0 || statuses.some((matches) => matches(status)))
  )
}

/** What is meant for one server is not sent to all that a page has used. */
function checkOrigins(origins: readonly string[], { to, auth, headers }: ReplayTask): void {
  if (origins.length < 2) return
  const secret = headers.find(([name]) => isCredentialField(name))?.[0]
  const option =
    to !== undefined
      ? "--to"
      : auth !== undefined
        ? "--bearer-env"
        : secret !== undefined
          ? `--header ${secret}`
          : undefined
  if (option === undefined) return
  const few = origins.slice(0, 3).join(", ")
  throw new UsageError(
    `${option} is for one origin, and the calls have ${origins.length} (${few}${origins.length > 3 ? ", …" : ""}); choose one with --url '${origins[0]}/*'`,
  )
}
