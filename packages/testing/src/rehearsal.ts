import { steadfetch, type Ability, type ClientOptions, type MethodsOf, type Steadfetch } from "steadfetch"
import { scriptedTransport, type ScriptedTransport } from "./scripted-transport.ts"
import { testRuntime, type TestRuntime, type TestRuntimeOptions } from "./test-runtime.ts"
import type { VirtualClock } from "./virtual-clock.ts"

/** What a test of a client is made of. */
export interface Rehearsal<Methods = unknown> {
  /** A client whose base is `https://api.test`. */
  readonly api: Steadfetch<Methods>
  /** The server's part. */
  readonly server: ScriptedTransport
  readonly clock: VirtualClock
  readonly runtime: TestRuntime
  /** Lets time pass until a call has ended, and ends as it does. */
  readonly run: <T>(call: PromiseLike<T>) => Promise<T>
}

/** A client, a scripted server and the time they share. Options are those of the client and of `testRuntime`. */
export function rehearse<const Abilities extends readonly Ability[] = []>(
  options: Omit<ClientOptions<Abilities>, "transport" | "runtime"> &
    Pick<TestRuntimeOptions, "seed" | "pageOrigin"> = {},
): Rehearsal<MethodsOf<Abilities>> {
  const { seed, pageOrigin, on, ...own } = options
  const runtime = testRuntime({
    ...(seed === undefined ? {} : { seed }),
    ...(pageOrigin === undefined ? {} : { pageOrigin }),
    ...(on === undefined ? {} : { on }),
  })
  const { clock } = runtime
  const server = scriptedTransport(clock)
  const api = steadfetch<Abilities>({ baseUrl: "https://api.test", ...own, transport: server, runtime })
  return { api, server, clock, runtime, run: (call) => clock.runUntil(call) }
}
