/** Someone who is told of events. */
export interface Receiver {
  readonly id: string
  readonly url: string
  /** Whether it gets one event after the other, in the order in which they were published. */
  readonly isOrdered: boolean
  /** The newest first: it signs alone, but while an older one is still accepted. */
  readonly secrets: readonly SigningSecret[]
  /** Why nothing is sent to it; undefined while it is enabled. */
  readonly disabledBecause: string | undefined
  /** Since when nothing has been accepted, in milliseconds since 1970. */
  readonly failingSince: number | undefined
  /** How many events in a row were refused, or expired. */
  readonly failedInRow: number
  readonly last: Answer | undefined
}

export interface SigningSecret {
  /** "whsec_" and base64. */
  readonly secret: string
  /** In milliseconds since 1970. */
  readonly signsUntil: number | undefined
}

/** How the last sending to a receiver ended. */
export interface Answer {
  readonly at: number
  /** Undefined when there was no reply. */
  readonly status: number | undefined
  /** The receiver's own words, or why there was no reply. */
  readonly words: string | undefined
}
