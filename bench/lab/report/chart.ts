import { LineChart } from "echarts/charts"
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components"
import { init, use } from "echarts/core"
import { SVGRenderer } from "echarts/renderers"
import type { Chart } from "../findings.ts"

use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer])

const INK = "#24292f"
const OURS = "#1f6feb"
const THEIRS = ["#d4762c", "#7a8699", "#8250df", "#2da44e", "#bf3989", "#b58900", "#5c4033"]

/** Lines, ours the bold one, as SVG. */
export function drawing({ title, x, y, most, lines }: Chart): string {
  const textStyle = { color: INK, fontFamily: "system-ui, sans-serif" }
  const axis = (name: string) => ({
    type: "value",
    name,
    nameLocation: "middle",
    nameTextStyle: textStyle,
    axisLabel: { color: INK },
  })
  const xs = lines.flatMap(({ points }) => points.map(([x]) => x))
  const others = lines.filter(({ isOurs }) => isOurs !== true)
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 760, height: 420 })
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    textStyle,
    title: { left: 8, text: title, textStyle: { ...textStyle, fontSize: 15 } },
    legend: { top: 36, left: 8, icon: "roundRect", itemGap: 28, textStyle },
    grid: { left: 60, right: 30, top: 120, bottom: 50 },
    xAxis: { ...axis(x), nameGap: 30, min: Math.floor(Math.min(...xs)), max: Math.ceil(Math.max(...xs)) },
    yAxis: { ...axis(y), nameGap: 42, ...(most === undefined ? {} : { max: most }) },
    series: lines.map((line) => {
      const color = line.isOurs === true ? OURS : (THEIRS[others.indexOf(line) % THEIRS.length] ?? INK)
      return {
        type: "line",
        name: line.name,
        showSymbol: line.points.length < 20,
        z: line.isOurs === true ? 3 : 2,
        lineStyle: { color, width: line.isOurs === true ? 3 : 1.5 },
        itemStyle: { color },
        data: line.points,
      }
    }),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return `${svg}\n`
}
