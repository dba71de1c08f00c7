import type { Runtime } from "steadfetch"
import type { Configuration } from "./configuration/configuration.ts"
import { secretSource, type Environment } from "./configuration/secrets.ts"
import { admission, type Admission } from "./entry/admission.ts"
import { sortedRoutes, type Route } from "./entry/routes.ts"
import { UpstreamCalls } from "./upstream-calls.ts"

/** All that a configuration decides about single requests: replaced as a whole when another one is read. */
export interface Table {
  readonly configuration: Configuration
  readonly upstreams: readonly UpstreamCalls[]
  readonly routes: readonly Route<UpstreamCalls>[]
  readonly admission: Admission
}

type OnInterim = ConstructorParameters<typeof UpstreamCalls>[4]

/** @param before Upstreams of it whose settings are the same go on, with what they have learned and their connections. */
export function tableFor(
  configuration: Configuration,
  env: Environment,
  runtime: Runtime,
  onInterim: OnInterim,
  before?: Table,
): Table {
  const upstreams = Object.entries(configuration.upstreams).map(([name, settings]) => {
    const same = before?.upstreams.find((old) => old.name === name && old.isCalledAs(settings, env))
    return same ?? new UpstreamCalls(name, settings, env, runtime, onInterim)
  })
  const { listen, allow = {}, token } = configuration
  const routes = upstreams.map((upstream) => ({
    upstream,
    host: upstream.settings.host?.toLowerCase(),
    prefix: (upstream.settings.prefix ?? "").replace(/\/$/, ""),
  }))
  const names = routes.flatMap(({ host }) => host ?? [])
  const own = listen?.host === undefined || /^(0\.0\.0\.0|::)$/.test(listen.host) ? [] : [inAuthority(listen.host)]
  const secret = token === undefined ? undefined : secretSource(token, env, () => runtime.clock.now())
  return {
    configuration,
    upstreams,
    routes: sortedRoutes(routes),
    admission: admission(allow, [...names, ...own], secret),
  }
}

function inAuthority(host: string): string {
  return host.includes(":") ? `[${host}]` : host
}
