/**
 * What tests of steadfetch clients are made of: time that passes at once, a server that says what the test tells it to,
 * and chance that repeats itself.
 *
 * @packageDocumentation
 */

export { rehearse, type Rehearsal } from "./rehearsal.ts"
export type { ScriptedRequest } from "./scripted-request.ts"
export type { ScriptedContent, ScriptedFailure, ScriptedReply } from "./scripted-step.ts"
export { scriptedTransport, type Answers, type ScriptedTransport } from "./scripted-transport.ts"
export { seededRandom } from "steadfetch"
export { testExchange, type TestExchangeParts } from "./test-exchange.ts"
export { sequentialIds, testRuntime, type TestRuntime, type TestRuntimeOptions } from "./test-runtime.ts"
export { virtualClock, type VirtualClock, type VirtualClockOptions } from "./virtual-clock.ts"
