import { BarChart, CustomChart } from "echarts/charts"
import { GridComponent, TitleComponent } from "echarts/components"
import { init, use, type EChartsCoreOption } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import type { CustomSeriesRenderItem } from "echarts"
import { STANDARD } from "../measures/pipeline-variants.ts"
import type { ItemResult, Measure } from "../results.ts"
import { median } from "../statistics.ts"
import { heading, rounded } from "./numbers.ts"
import { inOrder } from "./table.ts"

use([BarChart, CustomChart, GridComponent, TitleComponent, SVGRenderer])

const OURS = "#1f6feb"
const THEIRS = "#9aa4b2"
const INK = "#24292f"

const WIDTH = 760
const HEAD_HEIGHT = 76
const BAR_HEIGHT = 26

/** A bar per row of one of an item's measures, with a line from its lowest to its highest round, as SVG. */
export function chart({ title, order }: ItemResult, measure: Measure): string {
  const rows = inOrder(measure, order).filter(({ values }) => values.length > 0)
  const height = HEAD_HEIGHT + rows.length * BAR_HEIGHT
  const drawing = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height })
  drawing.setOption(options(title, measure, rows))
  const svg = drawing.renderToSVGString()
  drawing.dispose()
  return `${svg}\n`
}

function options(title: string, measure: Measure, rows: Measure["rows"]): EChartsCoreOption {
  const textStyle = { color: INK, fontFamily: "system-ui, sans-serif" }
  return {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle,
    title: {
      left: 8,
      text: title,
      subtext: `${heading(measure.title, measure.unit)}; ${measure.better} is better`,
      textStyle: { ...textStyle, fontSize: 15 },
    },
    grid: { left: 160, right: 70, top: 66, bottom: 10 },
    xAxis: { type: "value", show: false },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map(({ name }) => name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: INK },
    },
    series: [
      {
        type: "bar",
        barCategoryGap: "30%",
        data: rows.map(({ name, values }) => ({
          value: median(values),
          itemStyle: { color: isOurs(name) ? OURS : THEIRS },
        })),
      },
      {
        type: "custom",
        z: 3,
        data: rows.map(({ values }, index) => [Math.min(...values), Math.max(...values), median(values), index]),
        encode: { x: [0, 1, 2], y: 3 },
        renderItem: rangeAndLabel,
      },
    ],
  }
}

function isOurs(name: string): boolean {
  return name.startsWith("steadfetch") || name === STANDARD
}

const rangeAndLabel: CustomSeriesRenderItem = (_params, api) => {
  const at = (dimension: number): number => Number(api.value(dimension))
  const [lowX = 0, y = 0] = api.coord([at(0), at(3)])
  const [highX = 0] = api.coord([at(1), at(3)])
  const [zeroX = 0] = api.coord([0, at(3)])
  const text = { text: rounded(at(2)), fill: INK, fontSize: 12, verticalAlign: "middle" } as const
  return {
    type: "group",
    children: [
      { type: "line", shape: { x1: lowX, y1: y, x2: highX, y2: y }, style: { stroke: INK, lineWidth: 1.5 } },
      { type: "text", x: Math.max(highX, zeroX) + 6, y, style: text },
    ],
  }
}
