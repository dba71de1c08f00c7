import { LineChart } from "echarts/charts"
import { GridComponent, LegendComponent } from "echarts/components"
import { init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import type { Sample } from "./account.ts"

use([LineChart, GridComponent, LegendComponent, SVGRenderer])

const INK = "#24292f"

/** Heap, resident set and sockets over time, as SVG. */
export function chart(samples: readonly Sample[]): string {
  const textStyle = { color: INK, fontFamily: "system-ui, sans-serif" }
  const line = (name: string, color: string, yAxisIndex: number, of: (sample: Sample) => number) => ({
    type: "line",
    name,
    yAxisIndex,
    showSymbol: false,
    lineStyle: { color, width: 2 },
    itemStyle: { color },
    data: samples.map((sample) => [sample.atSeconds / 60, of(sample)]),
  })
  const axis = (name: string) => ({ type: "value", name, min: 0, nameTextStyle: textStyle, axisLabel: { color: INK } })
  const drawing = init(null, null, { renderer: "svg", ssr: true, width: 760, height: 320 })
  drawing.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle,
    legend: { top: 0, icon: "roundRect", itemGap: 50, textStyle },
    grid: { left: 60, right: 60, top: 60, bottom: 50 },
    xAxis: {
      ...axis("minutes"),
      nameLocation: "middle",
      nameGap: 30,
      max: Math.ceil((samples.at(-1)?.atSeconds ?? 60) / 6) / 10,
    },
    yAxis: [axis("MiB"), { ...axis("sockets"), splitLine: { show: false } }],
    series: [
      line("resident set", "#9aa4b2", 0, ({ rssBytes }) => rssBytes / 1024 / 1024),
      line("heap and buffers", "#1f6feb", 0, ({ heapBytes }) => heapBytes / 1024 / 1024),
      line("open sockets under load", "#d4762c", 1, ({ sockets }) => sockets),
    ],
  })
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  return `${svg}\n`
}
