import { duration, number } from "./format.ts"
import { nowSeconds, picture, version } from "./live.ts"
import { summarize, within } from "./summary.ts"

const WINDOW_SECONDS = 60

export function Tiles() {
  void version.value
  const seconds = within(picture.seconds, nowSeconds.value - WINDOW_SECONDS, nowSeconds.value)
  const { begun, calls, attempts, callEnds, recovered, waits, waitMs, p50, p95, p99 } = summarize(seconds)
  const [, , refused, failed, unanswered] = callEnds
  const isFailing = failed + unanswered > 0
  return (
    <section aria-labelledby="minute-title">
      <h2 id="minute-title" class="over">
        All calls of the last minute
      </h2>
      <dl class="tiles">
        <Tile name="Calls" value={number(calls)} more={`${number(calls / WINDOW_SECONDS)} per second`} />
        <Tile
          name="Attempts per call"
          value={begun === 0 ? "–" : (attempts / begun).toFixed(2)}
          more={`${number(attempts)} ${attempts === 1 ? "attempt" : "attempts"}`}
        />
        <Tile name="Saved by a retry" value={number(recovered)} more={`${share(recovered, calls)} of calls`} />
        <Tile
          name="Failed"
          value={number(failed + unanswered)}
          isBad={isFailing}
          more={`${share(failed + unanswered, calls)} · ${number(refused)} with 4xx`}
        />
        <Tile name="Waits" value={number(waits)} more={waits === 0 ? "none" : `${duration(waitMs / waits)} each`} />
        <Tile
          name="Latency, median"
          value={duration(p50)}
          more={`p95\u00A0${duration(p95)} · p99\u00A0${duration(p99)}`}
        />
      </dl>
    </section>
  )
}

interface TileText {
  readonly name: string
  readonly value: string
  readonly more: string
  readonly isBad?: boolean
}

function Tile({ name, value, more, isBad = false }: TileText) {
  return (
    <div class={isBad ? "tile bad" : "tile"}>
      <dt>{name}</dt>
      <dd class="value">{value}</dd>
      <dd class="more">{more}</dd>
    </div>
  )
}

function share(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${((100 * part) / whole).toFixed(part === 0 || part === whole ? 0 : 1)} %`
}
