import { bearer, steadfetch, type CallOutcome } from "steadfetch"
import { formatDuration } from "../duration.ts"
import { EXIT } from "../exit-codes.ts"
import type { Output } from "../output.ts"
import { Storyteller } from "../storyteller.ts"
import type { Surroundings } from "../surroundings.ts"
import type { RealApi } from "./arguments.ts"
import { Guide } from "./guide.ts"
import { STORY_LAYOUT } from "./show.ts"

/** Where attempts followed each other although nothing of the kind was allowed: a 4xx repeated without being asked to. */
export function needlessRepeats(outcome: CallOutcome): string[] {
  return outcome.attempts.slice(0, -1).flatMap(({ number, status, why }) => {
    const isRefusal = status !== undefined && status >= 400 && status < 500
    const wasInvited = why?.startsWith("the server") === true
    return isRefusal && !wasInvited ? [`attempt ${number} got ${status} and was repeated unchanged`] : []
  })
}

/** Makes the calls that change nothing against an API of the user's. Resolves to the exit code. */
export async function tourRealApi(real: RealApi, { stdout, clock, interrupted }: Surroundings): Promise<number> {
  const story = new Storyteller(stdout, clock, STORY_LAYOUT)
  try {
    return await visitAll(real, story, stdout, interrupted)
  } finally {
    story.end()
  }
}

async function visitAll(
  { url, token, deadline }: RealApi,
  story: Storyteller,
  stdout: Output,
  signal: AbortSignal,
): Promise<number> {
  const { origin } = new URL(url)
  const api = steadfetch({
    baseUrl: origin,
    ...(token === undefined ? {} : { auth: bearer(token) }),
    deadline,
    on: story.listeners,
  })
  const missing = `${origin}/steadfetch-tour-${crypto.randomUUID()}`
  const guide = new Guide(stdout)
  const check = async (outcome: CallOutcome): Promise<string[]> => needlessRepeats(outcome)
  const visit = { asked: undefined, check, lesson: "" }
  stdout.line(`Calls that change nothing, to ${origin}, each within ${formatDuration(deadline)}.`)
  const first = await guide.show({
    ...visit,
    title: "What you asked for",
    source: "api.get(url)",
    call: () => api.get(url, { signal }),
  })
  if (first.kind === "no-reply") {
    stdout.line("\nThere is no reply from there, so the tour ends here.")
    return EXIT.noReply
  }
  await guide.show({
    ...visit,
    title: "Its head alone",
    source: "api.head(url)",
    call: () => api.head(url, { signal }),
  })
  await guide.show({
    ...visit,
    title: "What does not exist",
    source: `api.get("${new URL(missing).pathname}")`,
    call: () => api.get(missing, { signal }),
  })
  if (token !== undefined) {
    const call = () => api.get(url, { auth: false, signal } as const)
    await guide.show({ ...visit, title: "Without credentials", source: "api.get(url, { auth: false })", call })
  }
  return guide.sumUp() ? EXIT.success : EXIT.mismatch
}
