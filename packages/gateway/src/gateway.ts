import { randomBytes } from "node:crypto"
import { createServer, type Server } from "node:http"
import { isDeepStrictEqual } from "node:util"
import { nodeClock } from "@steadfetch/node"
import { systemRuntime, type EventMap, type Events, type Listener, type Listeners, type Runtime } from "steadfetch"
import { adminServer, type Watched } from "./admin.ts"
import type { Configuration } from "./configuration/configuration.ts"
import { checkConfiguration } from "./configuration/read.ts"
import type { Environment } from "./configuration/secrets.ts"
import { listen, serverOptions } from "./entry/listening.ts"
import { answerUnreadable } from "./entry/unreadable.ts"
import type { Waiting } from "./forwarding/forward.ts"
import { interimPasser } from "./forwarding/interim.ts"
import {
  openGatewayOutbox,
  secureRandom,
  type GatewayOutbox,
  type OutboxSurroundings,
} from "./outbox/gateway-outbox.ts"
import { Reception } from "./reception.ts"
import { tableFor, type Table } from "./table.ts"
import type { Log } from "./watching/log.ts"
import { LivePage } from "./watching/live-page.ts"
import { metrics as newMetrics, type Metrics } from "./watching/metrics.ts"

const PORT = 8480
const ADMIN_PORT = 8481
const SHUTDOWN_MS = 30_000

/** What a gateway gets from the program that it runs in. */
export interface GatewayOptions {
  /** Where secrets are taken from. Default: the process's environment. */
  readonly env?: Environment | undefined
  /** Where it is logged what happens. Default: nowhere. */
  readonly log?: Log | undefined
  /** Told of what happens to calls; `gateway.on` listens later on. */
  readonly on?: Listeners | undefined
  /** Time, randomness and events in place of the machine's. */
  readonly runtime?: Partial<Runtime> | undefined
}

/** A gateway that takes requests. */
export interface Gateway extends AsyncDisposable {
  /** Where it listens: `http://127.0.0.1:8480`. */
  readonly origin: string
  /** Where `/-/health`, `/-/ready`, `/-/metrics` and `/-/watch` are. */
  readonly adminOrigin: string | undefined
  /** The events of all calls, to all upstreams and across reloads. Nothing is built for an event that nobody hears. */
  readonly events: Events
  /** Listens to an event of the calls; returns how to stop. */
  on<K extends keyof EventMap>(type: K, listener: Listener<K>): () => void
  /**
   * Takes another configuration, or what a function reads; requests under way end by the one that they began with.
   * @returns what of it takes a restart.
   * @throws ConfigurationError for one that cannot be; the present one goes on.
   */
  reload(configuration: Configuration | (() => Configuration)): readonly string[]
  /** Takes no more requests, and resolves when those under way have ended or `shutdownMs` are over. */
  close(): Promise<void>
}

/**
 * Starts a gateway.
 * @throws ConfigurationError for a configuration that cannot be, an address that cannot be listened on, or an outbox that cannot
 * be used.
 */
export async function startGateway(configuration: Configuration, options: GatewayOptions = {}): Promise<Gateway> {
  const { env = process.env, log, on = {}, runtime: given } = options
  const runtime = systemRuntime(on, { clock: nodeClock, ...given })
  const waiting: Waiting = new WeakMap()
  const makeTable = (next: Configuration, before?: Table): Table =>
    tableFor(checkConfiguration(next, env), env, runtime, interimPasser(waiting), before)
  let table = makeTable(configuration)
  const metrics = newMetrics(runtime.clock)
  const via = `steadfetch-${randomBytes(4).toString("hex")}`
  const outbox = await outboxFor(configuration, metrics, {
    env,
    runtime: { ...runtime, random: given?.random ?? secureRandom },
    upstreams: () => table.upstreams,
    via,
    log,
  })
  const reception = new Reception({ table: () => table, runtime, waiting, via, outbox }, metrics, log)
  const livePage = new LivePage(runtime.events, runtime.clock, outbox?.outbox)
  const isReady = (): boolean => !reception.isClosing
  const watched: Watched = { metrics, livePage, admission: () => table.admission, isReady, outbox }
  const doors = await open(configuration, reception, watched).catch(async (error: unknown) => {
    await outbox?.close()
    throw error
  })
  outbox?.run()

  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    const graceMs = table.configuration.shutdownMs ?? SHUTDOWN_MS
    // Requests that are still being taken are written down before the store is closed.
    await Promise.all([reception.close(doors.server, graceMs), outbox?.stop(graceMs)])
    await outbox?.close()
    for (const upstream of table.upstreams) upstream.retire()
    livePage.close()
    if (doors.admin !== undefined) await shut(doors.admin)
    log?.flush?.()
  }
  const gateway: Gateway = {
    origin: doors.origin,
    adminOrigin: doors.adminOrigin,
    events: runtime.events,
    on: (type, listener) => runtime.events.on(type, listener),
    reload(given) {
      try {
        const next = typeof given === "function" ? given() : given
        const before = table
        table = makeTable(next, before)
        for (const upstream of before.upstreams) if (!table.upstreams.includes(upstream)) upstream.retire()
        metrics.reloaded(true)
        return needsRestart(configuration, next)
      } catch (error) {
        metrics.reloaded(false)
        throw error
      }
    },
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => gateway.close(),
  }
  return gateway
}

async function outboxFor(
  { outbox: choice }: Configuration,
  metrics: Metrics,
  surroundings: Omit<OutboxSurroundings, "ended">,
): Promise<GatewayOutbox | undefined> {
  if (choice === undefined) return undefined
  const outbox = await openGatewayOutbox(choice, { ...surroundings, ended: metrics.outbox.ended })
  metrics.outbox.show(() => outbox.statistics())
  return outbox
}

interface Doors {
  readonly server: Server
  readonly origin: string
  readonly admin: Server | undefined
  readonly adminOrigin: string | undefined
}

async function open(configuration: Configuration, reception: Reception, watched: Watched): Promise<Doors> {
  const { listen: address, admin: adminAddress, limits = {} } = configuration
  const server = createServer(serverOptions(limits))
  // Counted by the gateway itself: Node would leave out in silence what is too much.
  server.maxHeadersCount = 0
  if (limits.connections !== undefined) server.maxConnections = limits.connections
  server.on("request", reception.take).on("checkContinue", reception.take).on("checkExpectation", reception.take)
  answerUnreadable(server, reception.turns, reception.unreadable)
  const origin = await listen(server, { port: PORT, ...address }, "listen")
  if (adminAddress === false) return { server, origin, admin: undefined, adminOrigin: undefined }
  const admin = adminServer(watched)
  try {
    return { server, origin, admin, adminOrigin: await listen(admin, { port: ADMIN_PORT, ...adminAddress }, "admin") }
  } catch (error) {
    await shut(server)
    throw error
  }
}

async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeAllConnections()
  await closed
}

function needsRestart(started: Configuration, next: Configuration): readonly string[] {
  const changed: string[] = []
  if (!isDeepStrictEqual(started.listen ?? {}, next.listen ?? {})) changed.push("listen")
  if (!isDeepStrictEqual(started.admin ?? {}, next.admin ?? {})) changed.push("admin")
  if (!isDeepStrictEqual(started.outbox, next.outbox)) changed.push("outbox")
  const limits = ({ limits = {} }: Configuration): unknown => [serverOptions(limits), limits.connections]
  if (!isDeepStrictEqual(limits(started), limits(next))) changed.push("limits")
  return changed
}
