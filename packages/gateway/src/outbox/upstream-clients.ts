import {
  Events,
  failure,
  headerList,
  releaseAfter,
  steadfetch,
  type Client,
  type ClientOptions,
  type Exchange,
  type Outcome,
  type Policy,
  type Runtime,
} from "steadfetch"
import type { UpstreamCalls } from "../upstream-calls.ts"
import { UPSTREAM_FIELD } from "./stored-fields.ts"

/** An entry whose upstream is not in the configuration waits so long before it is looked for again. */
const ABSENT_MS = 60_000

const noTransport: NonNullable<ClientOptions["transport"]> = {
  send: () => Promise.reject(new Error("entries are sent by their upstreams")),
  close: async () => {},
}

/** What deliveries are made with: each entry by the upstream that it was written down for, as that is now. */
export function upstreamClients(upstreams: () => readonly UpstreamCalls[], runtime: Runtime, via: string): Client {
  // The calls of upstreams tell of themselves.
  const own: Runtime = { ...runtime, events: new Events() }
  const clients = new WeakMap<UpstreamCalls, Client>()
  const clientOf = (upstream: UpstreamCalls): Client => {
    const known = clients.get(upstream)
    if (known !== undefined) return known
    const client = clientBy(calling(upstream), own, upstream.contract)
    clients.set(upstream, client)
    return client
  }
  const absent = clientBy(absence(own), own)
  return {
    ...absent,
    request(method, url, options = {}) {
      const fields = headerList(options.headers)
      const name = fields.find(([field]) => field === UPSTREAM_FIELD)?.[1]
      const upstream = upstreams().find((known) => known.name === name && isBelow(String(url), known.base))
      if (upstream === undefined) return absent.request(method, url, options)
      const sent = fields.filter(([field]) => field !== UPSTREAM_FIELD)
      const mark = upstream.settings.via === false ? [] : [["via", `1.1 ${via}`] as const]
      return clientOf(upstream).request(method, url, { ...options, headers: [...sent, ...mark] })
    },
  }
}

function clientBy(policy: Policy, runtime: Runtime, contract?: ClientOptions["contract"]): Client {
  return steadfetch({ policies: [policy], transport: noTransport, runtime, contract })
}

/** Hands calls to an upstream's own policies, and keeps its connections meanwhile. */
function calling(upstream: UpstreamCalls): Policy {
  const call = async (exchange: Exchange): Promise<Outcome> => {
    upstream.enter()
    try {
      return releaseAfter(await upstream.call(exchange), () => upstream.leave())
    } catch (error) {
      upstream.leave()
      throw error
    }
  }
  return { name: "upstream", scope: "call", wrap: () => call }
}

/** An upstream that was renamed, moved or taken out: its credentials are not for where the entry goes. */
function absence({ clock }: Runtime): Policy {
  const call = async ({ request }: Exchange): Promise<Outcome> => {
    const name = request.headers.find(([field]) => field === UPSTREAM_FIELD)?.[1] ?? "?"
    const what = `no upstream "${name}" of the configuration has the URL of this entry; add it again, or discard the entry`
    return failure("rejected", what, undefined, { retryAt: clock.date() + ABSENT_MS })
  }
  return { name: "absent", scope: "call", wrap: () => call }
}

function isBelow(url: string, base: string): boolean {
  return url.startsWith(base) && /^([/?#]|$)/.test(url.slice(base.length))
}
