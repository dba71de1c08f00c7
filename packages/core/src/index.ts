export { steadfetch, type ClientOptions, type Steadfetch } from "./steadfetch.ts"
export { createFetch, type FetchOptions } from "./create-fetch.ts"
export type { DropInFetch, DropInInit } from "./fetch.ts"
export type { Client } from "./client.ts"
export type { RequestOptions } from "./request-options.ts"
export type { Call, CallContext, OutcomeOptions } from "./call.ts"
export type { Ability, MethodsOf } from "./ability.ts"
export { eventStreams } from "./abilities/event-streams.ts"
export type {
  EventOptions,
  EventStream,
  EventStreamOpening,
  Reconnection,
  ReconnectOptions,
  ServerSentEvent,
} from "./abilities/parts/events/event-options.ts"
export { lineStreams, type LineOptions } from "./abilities/line-streams.ts"
export type { TransferProgress } from "./progress.ts"
export { paging, pagingBy } from "./abilities/paging.ts"
export type { Page, Pages, PagesOptions } from "./abilities/parts/paging/pages.ts"
export type { PageRequest, PagingStyle, ReceivedPage, Spot } from "./abilities/parts/paging/paging-style.ts"
export {
  byCursor,
  byLink,
  byNextUrl,
  byOffset,
  byPage,
  type CursorOptions,
  type OffsetOptions,
  type PageNumberOptions,
  type ParameterPlace,
} from "./abilities/parts/paging/paging-styles.ts"
export { uploads } from "./abilities/uploads.ts"
export type { UploadChecksum, UploadMetadata } from "./abilities/parts/uploads/upload-fields.ts"
export type {
  CreatedUpload,
  Uploaded,
  UploadOptions,
  UploadProgress,
} from "./abilities/parts/uploads/upload-options.ts"
export type { UploadContent, UploadInput, UploadSource } from "./abilities/parts/uploads/upload-source.ts"
export type { SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts"
export { all } from "./all.ts"
export type { Batch, BatchCounts, BatchEnd, BatchOptions, BatchProgress } from "./batch.ts"
export { polling } from "./abilities/polling.ts"
export type { PollOptions, PollProgress } from "./abilities/parts/polling/poll-options.ts"
export type { OperationStanding } from "./abilities/parts/polling/operation-status.ts"
export { downloads, type DownloadOptions } from "./abilities/downloads.ts"
export type { ResumeOptions } from "./abilities/parts/resume-options.ts"
export type { Downloaded } from "./abilities/parts/downloads/downloaded.ts"
export type { DownloadTarget, FirstReply, KeptPart } from "./abilities/parts/downloads/download-target.ts"
export type { Representation } from "./abilities/parts/downloads/representation.ts"
export type { Hashes, IncrementalHash } from "./abilities/parts/downloads/running-digests.ts"
export type { DigestAlgorithm, Digests } from "./algorithms/digest-fields.ts"
export type { CallOutcome, NoReply, Refusal, Replied, ServerFailure, Success } from "./call-outcome.ts"

export {
  apiKey,
  basic,
  bearer,
  type BearerOptions,
  type Credentials,
  type KeyPlace,
  type SecretSource,
} from "./policies/auth.ts"
export { contract, documented, judge, rfc9110, strict, type Contract, type Judgement, type Rule } from "./contract.ts"
export { STATUS_NAMES, statusClass, statusName, type StatusClass } from "./status.ts"
export { explain, type Explanation } from "./problem.ts"

export { standard, type PresetOptions } from "./presets/standard.ts"
export { dropIn } from "./presets/drop-in.ts"
export { gentle, type GentleOptions } from "./presets/gentle.ts"
export { lowLatency, type LowLatencyOptions } from "./presets/low-latency.ts"
export { breaker, type Breaker, type BreakerOptions, type BreakerQueue, type BreakerState } from "./policies/breaker.ts"
export { coalesce, type CoalesceOptions } from "./policies/coalesce.ts"
export {
  concurrency,
  type AdaptiveConcurrency,
  type Concurrency,
  type ConcurrencyOptions,
  type ConcurrencyQueue,
  type ConcurrencyUsage,
} from "./policies/concurrency.ts"
export { chaos, type ChaosOptions } from "./policies/chaos.ts"
export type { ConnectionFault, Fault, FaultTiming, LatencyFault, StatusFault } from "./policies/parts/fault.ts"
export { deadline, type DeadlineOptions } from "./policies/deadline.ts"
export { failover, type EndpointStatus, type Failover, type FailoverOptions } from "./policies/failover.ts"
export type { EndpointOptions } from "./policies/parts/endpoints.ts"
export type { FallbackReply } from "./policies/parts/made-up-reply.ts"
export { fallback, type FallbackOptions, type Substitute } from "./policies/fallback.ts"
export { hedge, type HedgeOptions } from "./policies/hedge.ts"
export { idempotency, type IdempotencyOptions } from "./policies/idempotency.ts"
export { pace, type Pace, type PaceOptions, type PaceQueue } from "./policies/pace.ts"
export type { FixedRate } from "./algorithms/paced-rate.ts"
export {
  sharedTurns,
  type SharedGrant,
  type SharedPace,
  type SharedTurns,
  type SharingChange,
  type TurnsOf,
} from "./policies/parts/shared-turns.ts"
export { redirect } from "./policies/redirect.ts"
export { retry, retryBudget, type RetryOptions } from "./policies/retry.ts"
export { RetryBudget, type BudgetOptions } from "./algorithms/retry-budget.ts"
export { throttle, type ThrottleOptions } from "./policies/throttle.ts"
export { timeout, type TimeoutOptions } from "./policies/timeout.ts"

export { fetchTransport, type FetchTransportOptions } from "./fetch-transport.ts"
export { networkFailure } from "./network-failure.ts"
export { arrange, pipeline, type Handler, type Policy, type Scope, type Transport } from "./pipeline.ts"
export { MOST_EXPLANATION_BYTES, readAll, receiveBody, StreamedBody, tooLarge, WholeBody } from "./reply-body.ts"
export {
  failure,
  releaseAfter,
  signalFailure,
  type Failure,
  type FailureCode,
  type Outcome,
  type Reply,
  type ReplyBody,
  type Verdict,
} from "./outcome.ts"
export { ABORTED, Cancellation, pause, untilAborted, type Signal } from "./cancellation.ts"
export {
  withHeaders,
  type CallOptions,
  type Exchange,
  type Outgoing,
  type Reading,
  type RetryOverride,
  type TimeoutOverride,
  type Watch,
} from "./exchange.ts"
export type { BodyContent, BodyInput, BodySource, TypedBody } from "./body.ts"
export {
  headerList,
  headerValue,
  mergeHeaders,
  type HeaderFields,
  type HeaderList,
  type HeadersInput,
} from "./headers.ts"
export { conforming, requestBody, requestMethod } from "./request-parts.ts"
export { ListedFields } from "./policies/parts/listed-fields.ts"
export { redactText, redactUrl, SECRET_HEADER, secretsIn } from "./redaction.ts"
export { appendQuery, fillPath, originOf, type PathInput, type QueryInput, type QueryValue } from "./url.ts"
export { CallRecord, type AttemptRecord, type Ending } from "./call-record.ts"
export type { Clock, Runtime } from "./runtime.ts"
export { backoffMs, fullJitterMs } from "./algorithms/backoff.ts"
export { retryAfterMs, retryInfoMs } from "./algorithms/retry-after.ts"
export { TokenBucket } from "./algorithms/token-bucket.ts"
export type { CircuitState } from "./algorithms/circuit.ts"
export type { Preference } from "./algorithms/endpoint-pool.ts"
export { seededRandom } from "./algorithms/seeded-random.ts"
export type { QueueOrder } from "./algorithms/permits.ts"
export type { KeyOf } from "./request-key.ts"
export { Events, type EventMap, type Listener, type Listeners } from "./events.ts"
export { systemClock } from "./system-clock.ts"
export { systemRuntime } from "./system-runtime.ts"

export { checked, checkFunction, checkSignal, kindOf, knownOptions, refuse, shown, whole } from "./validation.ts"
export { ConfigurationError, nameErrors, SteadfetchError } from "./steadfetch-error.ts"
export * from "./errors.ts"
export { OperationError, type OperationErrorFields } from "./operation-error.ts"
export * from "./status-errors.ts"
export { reviveError } from "./revive-error.ts"
