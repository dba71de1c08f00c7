import { meetingPlace, pageKey, Programs, servePage } from "@steadfetch/watch"
import { EXIT } from "../exit-codes.ts"
import { oneLine } from "../paint.ts"
import type { Surroundings } from "../surroundings.ts"
import type { WatchTask } from "./arguments.ts"
import { openWatched } from "./outbox.ts"

/** Shows the page until it is interrupted. Resolves to the exit code. */
export async function watch(
  { port, directory: given, place, encryption }: WatchTask,
  surroundings: Surroundings,
): Promise<number> {
  const { env, stdout, stderr, interrupted } = surroundings
  const directory = given ?? meetingPlace(env)
  using programs = new Programs(directory, ({ name, isRunning }) => {
    const who = oneLine(name)
    stderr.line(isRunning ? `watching ${who}` : stderr.paint("dim", `${who} has ended`))
  })
  if (place?.showsPassword === true)
    stderr.line(stderr.paint("dim", "note: every process can read a password among the arguments"))
  await using outbox =
    place === undefined ? undefined : await openWatched({ place, encryption, quiet: true }, surroundings)
  await using server = await servePage(() => programs.list, {
    port,
    key: pageKey(directory),
    outbox: outbox?.watched,
  })
  stdout.line(server.url)
  stderr.line(stderr.paint("dim", "waiting for programs that call watch(api); Ctrl-C ends it"))
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve()
    interrupted.addEventListener("abort", () => resolve(), { once: true })
  })
  return EXIT.success
}
