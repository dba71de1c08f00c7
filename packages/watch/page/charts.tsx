import { useEffect, useRef } from "preact/hooks"
import uPlot from "uplot"
import { ENDS } from "../src/story.ts"
import { className, duration, number, timeOfDay } from "./format.ts"
import { nowSeconds, picture, version } from "./live.ts"
import { summarize, within, type Summary } from "./summary.ts"

/** Seconds that one bar stands for, and bars. */
const STEP = 2
const STEPS = 90
const HEIGHT = 150
/** Steps of an axis of counts: there is no half of an attempt. */
const WHOLE = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()

/** What happened in each step, up to now. */
function steps(): { readonly at: number[]; readonly summaries: Summary[] } {
  const last = Math.floor(nowSeconds.value / STEP)
  const at = Array.from({ length: STEPS }, (_, index) => (last - STEPS + 1 + index) * STEP)
  const bySteps = Map.groupBy(picture.seconds, (second) => Math.floor(second.at / STEP) * STEP)
  return { at, summaries: at.map((start) => summarize(bySteps.get(start) ?? [])) }
}

export function Charts() {
  void version.value
  const { at, summaries } = steps()
  const total = summarize(within(picture.seconds, (at[0] ?? 0) - 1, nowSeconds.value))
  const ends = ENDS.map((end, index) => ({ end, count: total.attemptEnds[index] ?? 0 }))
  const stacked = ENDS.map((_, index) =>
    summaries.map(({ attemptEnds }) => attemptEnds.slice(0, index + 1).reduce((sum, count) => sum + count, 0)),
  )
  const lines = (["p50", "p95"] as const).map((name) => summaries.map((summary) => summary[name] ?? null))
  return (
    <div class="charts">
      <figure class="panel">
        <figcaption>
          <h2>
            Attempts <small>last 3 min</small>
          </h2>
          <ul class="legend">
            {ends.map(({ end, count }) => (
              <li key={end} class={className(end)}>
                {end} <b>{number(count)}</b>
              </li>
            ))}
          </ul>
        </figcaption>
        <Plot
          kind="bars"
          data={[at, ...stacked.toReversed()]}
          label="Attempts of the last three minutes by status class"
        />
      </figure>
      <figure class="panel">
        <figcaption>
          <h2>
            Latency of calls <small>last 3 min</small>
          </h2>
          <ul class="legend">
            <li class="p50">
              median <b>{duration(total.p50)}</b>
            </li>
            <li class="p95">
              p95 <b>{duration(total.p95)}</b>
            </li>
          </ul>
        </figcaption>
        <Plot
          kind="lines"
          data={[at, ...lines]}
          label="Latency of calls in the last three minutes, median and 95th percentile"
        />
      </figure>
    </div>
  )
}

interface PlotOptions {
  readonly kind: "bars" | "lines"
  readonly data: (number | null)[][]
  readonly label: string
}

function Plot({ kind, data, label }: PlotOptions) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  useEffect(() => {
    const element = place.current
    if (element === null) return undefined
    const made = new uPlot(options(kind, element.clientWidth), data as uPlot.AlignedData, element)
    plot.current = made
    const fit = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    fit.observe(element)
    const dark = matchMedia("(prefers-color-scheme: dark)")
    const repaint = (): void => made.redraw(false)
    dark.addEventListener("change", repaint)
    return () => {
      dark.removeEventListener("change", repaint)
      fit.disconnect()
      made.destroy()
    }
  }, [kind])
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [data])
  return <div ref={place} class="plot" role="img" aria-label={label} />
}

/** A colour of the style sheet, as it is in the light or in the dark. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)
}

function options(kind: PlotOptions["kind"], width: number): uPlot.Options {
  const axis = { stroke: () => colour("muted"), font: "11px system-ui", ticks: { show: false } }
  const grid = { stroke: () => colour("line"), width: 1 }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [10, 24, 0, 0],
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(kind === "bars" ? 4 : 10, most * 1.1)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        gap: 4,
        space: 80,
        values: (_, marks) => marks.map((mark) => timeOfDay(mark * 1000)),
      },
      {
        ...axis,
        grid,
        size: 56,
        space: 30,
        ...(kind === "bars" ? { incrs: WHOLE } : {}),
        values: (_, marks) => marks.map((mark) => (kind === "bars" || mark === 0 ? String(mark) : duration(mark))),
      },
    ],
    series: [
      {},
      ...(kind === "bars" ? ENDS.toReversed().map((end) => bars(className(end))) : [line("p50"), line("p95")]),
    ],
  }
}

/** The sums are drawn from the largest to the smallest, so that each shows what it adds. */
function bars(name: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [0.8, 12], gap: 0 })
  return { fill: () => colour(name), width: 0, points: { show: false }, ...(paths === undefined ? {} : { paths }) }
}

function line(name: string): uPlot.Series {
  return {
    stroke: () => colour(name),
    width: 1.5,
    spanGaps: true,
    points: { size: 4, fill: () => colour(name), width: 0 },
  }
}
