/** One kind of work, carried out by every client. */
export interface ItemResult {
  readonly id: string
  readonly title: string
  /** What was done, in a sentence or two. */
  readonly about: string
  /** The row that the others are compared with, where that tells anything. */
  readonly reference?: string
  /** In which order the rows are shown. */
  readonly order: "best first" | "as listed"
  /** What was measured; the first one is what the item is about. */
  readonly measures: readonly Measure[]
}

/** One number per client and round. */
export interface Measure {
  readonly title: string
  readonly unit: Unit
  readonly better: "higher" | "lower"
  readonly rows: readonly Row[]
}

/** What a number counts. */
export type Unit = "calls/s" | "µs" | "ms" | "MB" | "bytes" | "%"

/** The numbers of one client, one per round. */
export interface Row {
  readonly name: string
  readonly values: readonly number[]
  /** Why there are no more of them. */
  readonly failure?: string | undefined
}
