/**
 * Where an entry stands.
 *
 * - `waiting`: to be sent when it is due, for the first time or again.
 * - `sending`: a worker holds it.
 * - `delivered`: the API accepted it (2xx).
 * - `rejected`: the API refused it (4xx). It is not sent again before someone changes it.
 * - `expired`: its lifetime ended before the API accepted it. It can be released.
 * - `discarded`: someone decided that it is not to be sent any more.
 */
export type EntryState = "waiting" | "sending" | "delivered" | "rejected" | "expired" | "discarded"

/** What a rejected or expired entry does to those behind it that have its ordering key. */
export type AfterRejection = "hold" | "skip"
