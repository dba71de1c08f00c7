import { expectTypeOf, test } from "vitest"
import {
  createFetch,
  deadline,
  dropIn,
  failure,
  fetchTransport,
  idempotency,
  pipeline,
  redirect,
  releaseAfter,
  retry,
  standard,
  steadfetch,
  systemClock,
  timeout,
  WholeBody,
  type AttemptRecord,
  type CallRecord,
  type Clock,
  type DropInInit,
  type Exchange,
  type Failure,
  type FailureCode,
  type Handler,
  type Outcome,
  type Policy,
  type Reply,
  type Runtime,
  type Scope,
  type Signal,
  type Transport,
} from "./index.ts"

test("a policy is a name, a scope and a function that wraps", () => {
  const logging: Policy = {
    name: "logging",
    scope: "attempt",
    wrap: (next, runtime) => async (exchange) => {
      expectTypeOf(next).toEqualTypeOf<Handler>()
      expectTypeOf(runtime).toEqualTypeOf<Runtime>()
      expectTypeOf(exchange).toEqualTypeOf<Exchange>()
      return releaseAfter(await next(exchange), () => {})
    },
  }
  steadfetch({ policies: [...standard(), logging] })
  createFetch({ policies: [deadline({ afterMs: 5000 }), ...dropIn()] })
  expectTypeOf<Scope>().toEqualTypeOf<"call" | "repeater" | "endpoint" | "gate" | "attempt" | "wire">()
})

test("every policy of this package is one", () => {
  for (const make of [deadline, idempotency, redirect, retry, timeout]) expectTypeOf(make()).toEqualTypeOf<Policy>()
  expectTypeOf(standard()).toEqualTypeOf<Policy[]>()
  expectTypeOf(dropIn()).toEqualTypeOf<Policy[]>()
})

test("what is no policy is an error", () => {
  // @ts-expect-error a policy works per call, per attempt, or repeats
  const misplaced: Policy = { name: "x", scope: "request", wrap: (next) => next }
  // @ts-expect-error a handler gives an outcome, not a Response
  const answering: Policy = { name: "x", scope: "call", wrap: () => async () => new Response() }
  // @ts-expect-error a list holds policies, not their factories
  steadfetch({ policies: [retry] })
  expectTypeOf([misplaced, answering]).toEqualTypeOf<Policy[]>()
})

test("a transport sends one attempt and can be closed", () => {
  const transport: Transport = {
    send: async ({ request, signal, reading }) => {
      expectTypeOf(request.headers).toExtend<Iterable<readonly [string, string]>>()
      expectTypeOf(signal).toEqualTypeOf<Signal | undefined>()
      expectTypeOf(reading).toEqualTypeOf<"buffer" | "stream">()
      return {
        kind: "reply",
        status: 200,
        url: undefined,
        headers: new Headers(),
        body: new WholeBody(new Uint8Array()),
      }
    },
    close: async () => {},
  }
  expectTypeOf(pipeline(standard(), transport, {} as Runtime)).toEqualTypeOf<Handler>()
  expectTypeOf(fetchTransport({ fetch: globalThis.fetch })).toEqualTypeOf<Transport>()
  // @ts-expect-error what is opened is closed
  steadfetch({ transport: { send: transport.send } })
})

test("an outcome of an attempt is a reply or a failure", () => {
  expectTypeOf<Outcome>().toEqualTypeOf<Reply | Failure>()
  expectTypeOf<Outcome["kind"]>().toEqualTypeOf<"reply" | "failure">()
  expectTypeOf(failure("reset", "it broke")).toEqualTypeOf<Failure>()
  // @ts-expect-error there is no such reason
  failure("boom", "it broke")
  expectTypeOf<"refused" | "timeout" | "aborted">().toExtend<FailureCode>()
})

test("an AbortSignal is a signal for policies and transports", () => {
  expectTypeOf<AbortSignal>().toExtend<Signal>()
})

test("a test can own time and chance, in part or whole", () => {
  expectTypeOf(systemClock).toEqualTypeOf<Clock>()
  steadfetch({ runtime: { random: () => 0 } })
  // @ts-expect-error a clock has three hands
  steadfetch({ runtime: { clock: { now: () => 0 } } })
})

test("what is sent and what is told cannot be changed by who looks on", () => {
  expectTypeOf<Exchange>().toEqualTypeOf<Readonly<Exchange>>()
  expectTypeOf<Reply>().toEqualTypeOf<Readonly<Reply>>()
  steadfetch().on("attempt-ended", ({ call, attempt }) => {
    expectTypeOf(call).toEqualTypeOf<CallRecord>()
    expectTypeOf(attempt).toEqualTypeOf<AttemptRecord>()
  })
})

test("options of one call of the drop-in stand under one key of init", () => {
  const init: DropInInit = { method: "POST", steadfetch: { retry: false, idempotencyKey: "key-1" } }
  expectTypeOf(createFetch()("https://h", init)).toEqualTypeOf<Promise<Response>>()
  // @ts-expect-error not under plain names, which SDKs use for their own ends
  const plain: DropInInit = { retry: false }
  expectTypeOf(plain).toEqualTypeOf<DropInInit>()
})
