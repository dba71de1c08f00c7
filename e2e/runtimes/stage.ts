import { refusedPort, startFaultServer, type Playlist, type Script, type Step } from "@steadfetch/testing/fault-server"
import type { RuntimeName } from "./differences.ts"
import { Desk } from "./desk.ts"
import { groups, pathOf, type Place } from "./suite/index.ts"

/** What lets a web page of another origin make every call and read every field. */
const readable = { "access-control-allow-origin": "*", "access-control-expose-headers": "*" }

/** The answer to preflights; the wildcard does not cover Authorization (Fetch, "CORS-non-wildcard request-header name"). */
const preflight: Step = {
  kind: "reply",
  status: 204,
  headers: {
    ...readable,
    "access-control-allow-methods": "*",
    "access-control-allow-headers": "*, authorization",
    "access-control-max-age": "600",
  },
}

/** The servers that one runtime's run of the suite talks to. */
export async function withServers<T>(
  runtime: RuntimeName,
  page: string,
  run: (place: Place, desk: Desk) => Promise<T>,
): Promise<T> {
  await using refused = await refusedPort()
  await using desk = await Desk.open(page)
  await using server = await startFaultServer(script(), { origins: { desk }, limits: { keptBodyBytes: 2048 } })
  const place = { runtime, origin: server.origin, desk: desk.origin, refused: refused.origin }
  desk.set(server, place)
  return await run(place, desk)
}

/** The scripts of all cases, each below its own path. */
function script(): Script {
  const own = groups.flatMap((group, number) =>
    group.cases.flatMap((one, index) =>
      Object.entries(one.script ?? {}).map(([route, steps]): [string, Playlist] => {
        const [method, path] = route.split(" ")
        return [`${method} ${pathOf(number, index)}${path}`, playlist(steps)]
      }),
    ),
  )
  return { "OPTIONS /*": preflight, ...Object.fromEntries(own) }
}

function playlist(given: Script[string]): Playlist {
  const list: Playlist = "steps" in given ? given : { steps: [given].flat() }
  return { ...list, steps: list.steps.map(withCors) }
}

function withCors(step: Step): Step {
  return step.kind === "reply" ? { ...step, headers: { ...readable, ...step.headers } } : step
}
