import { ENDS, endOf, type AttemptStory, type CallStory, type End } from "../src/story.ts"

export function duration(ms: number | undefined): string {
  if (ms === undefined) return "–"
  if (ms < 1) return unit("<1", "ms")
  if (ms < 999.5) return unit(Math.round(ms), "ms")
  if (ms < 99_950) return unit((ms / 1000).toFixed(ms < 9_995 ? 2 : 1), "s")
  const seconds = Math.round(ms / 1000)
  return `${unit(Math.floor(seconds / 60), "min")} ${unit(seconds % 60, "s")}`
}

/** On one line. */
function unit(value: number | string, name: string): string {
  return `${value}\u00A0${name}`
}

export function number(value: number): string {
  return value >= 100 || Number.isInteger(value)
    ? Math.round(value).toLocaleString("en")
    : value.toFixed(value < 10 ? 2 : 1)
}

/** The time of day where the page is looked at. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toLocaleTimeString("en-GB", { hour12: false })
}

/** How it ended; undefined while it is under way. */
export function end({ durationMs, status }: CallStory | AttemptStory): End | undefined {
  return durationMs === undefined ? undefined : ENDS[endOf(status)]
}

/** For the style sheet: "e2xx", "none", "open". */
export function endClass(story: CallStory | AttemptStory): string {
  return className(end(story))
}

export function className(end: End | undefined): string {
  if (end === undefined) return "open"
  return end === "no reply" ? "none" : `e${end}`
}

/** What follows the origin. */
export function pathOf({ url, origin }: CallStory): string {
  return origin !== "" && url.startsWith(origin) ? url.slice(origin.length) || "/" : url
}
