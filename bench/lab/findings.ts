/** What an experiment has to show: tables and charts. */
export interface Findings {
  readonly tables: readonly Table[]
  readonly charts: readonly Chart[]
}

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Lines over a number: time, or what was varied. */
export interface Chart {
  /** The file's name without its ending. */
  readonly file: string
  readonly title: string
  readonly x: string
  readonly y: string
  /** Where the axis of y ends, when outliers would flatten the rest. */
  readonly most?: number | undefined
  readonly lines: readonly Line[]
}

export interface Line {
  readonly name: string
  readonly isOurs?: boolean | undefined
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** What the code has to achieve, and whether it does. */
export interface Bar {
  readonly name: string
  readonly measured: string
  readonly required: string
  readonly isMet: boolean
}

/** One of the lab's experiments. */
export interface Experiment {
  readonly id: string
  readonly title: string
  /** How it is done and what it shows, in Markdown. */
  readonly text: string
  /** All that the report shows of it. */
  findings(): Promise<Findings>
  /** What it decides. */
  bars(): Promise<readonly Bar[]>
}

/** A bar that a measurement stays at or below a limit. */
export function atMost(name: string, measured: number, limit: number, show: (value: number) => string): Bar {
  return { name, measured: show(measured), required: `≤ ${show(limit)}`, isMet: measured <= limit }
}

/** A bar that a measurement reaches. */
export function atLeast(name: string, measured: number, limit: number, show: (value: number) => string): Bar {
  return { name, measured: show(measured), required: `≥ ${show(limit)}`, isMet: measured >= limit }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The value below which this share of all lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

export const percent = (share: number): string => `${Number((share * 100).toFixed(2))} %`
export const seconds = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? "never" : `${value.toFixed(2)} s`
export const times = (value: number): string => value.toFixed(3)
export const milliseconds = (value: number): string => `${value.toFixed(1)} ms`
