import {
  badChunkSize,
  close,
  echo,
  endless,
  garbage,
  json,
  noLastChunk,
  redirect,
  reset,
  stall,
  status,
  trickle,
  truncatedGzip,
  wrongContentLength,
  type Playlist,
  type Script,
  type Step,
} from "@steadfetch/testing/fault-server"

/** How many bytes the large bodies have, in either direction. */
export const LARGE_BYTES = 100_000

/** All steps again and again: which of them a call meets depends on how the calls interleave. */
const around = (...steps: readonly Step[]): Playlist => ({ steps, then: "repeat" })

const well = json(200, { well: true })
const busy = status(503, { headers: { "retry-after": "0" } })

/** The server's part: every fault that it knows, between replies that are sound. */
export const script: Script = {
  "GET /ok": well,
  "GET /large": status(200, { body: { bytes: LARGE_BYTES } }),
  "GET /gzip": status(200, { body: "squeezed ".repeat(1000), coding: { name: "gzip" } }),
  "PUT /upload": echo(),
  "PUT /unread": around(reset("before-reading"), reset("before-headers"), echo()),
  "GET /moved": redirect(307, "{origin}/ok"),
  "GET /missing": json(404, { message: "there is no such thing" }),
  "GET /busy": around(busy, well, status(500), busy, status(502), well),
  "POST /orders": around(busy, json(201, { id: 7 }), status(500)),
  "GET /resets": around(reset("before-headers"), well, reset("mid-headers"), close("before-headers"), well),
  "GET /breaks": around(
    reset({ afterBytes: 500 }),
    well,
    noLastChunk("half a body"),
    badChunkSize("half a body"),
    well,
    wrongContentLength(4000, "half a body"),
    close({ afterBytes: 500 }),
  ),
  "GET /cut-gzip": truncatedGzip("squeezed ".repeat(1000)),
  "GET /garbage": garbage(),
  "GET /stalls": stall({ afterBytes: 500 }),
  "GET /silence": stall("before-headers"),
  "GET /slow": trickle({ bytes: 3000 }, { chunkBytes: 500, gapMs: 4 }, { delayMs: 10 }),
  "GET /endless": endless({ trickle: { chunkBytes: 4000, gapMs: 5 } }),
}
