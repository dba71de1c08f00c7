import { rehearse } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { plain } from "../paint.ts"
import { Transfer } from "./transfer.ts"

/** A transfer on a virtual clock, with the client whose calls it hears of. */
function transferring(isResumption: (method: string) => boolean = () => true) {
  const rehearsal = rehearse({ retry: { baseMs: 0 } })
  const { api, clock } = rehearsal
  const transfer = new Transfer(clock, isResumption)
  const { listeners } = transfer
  api.on("call-started", (event) => listeners["call-started"]?.(event))
  api.on("attempt-started", (event) => listeners["attempt-started"]?.(event))
  api.on("waiting", (event) => listeners.waiting?.(event))
  return { ...rehearsal, transfer, line: (columns = 100) => transfer.line(columns, plain) }
}

test("before anything comes it waits for the server", () => {
  const { line } = transferring()
  expect(line()).toBe("waits for the server")
})

test("with a total there are a bar, percent, bytes, speed and the time that is left", async () => {
  const { clock, transfer, line } = transferring()
  transfer.note({ transferredBytes: 0, totalBytes: 10_000_000 })
  await clock.advance(2000)
  transfer.note({ transferredBytes: 4_200_000, totalBytes: 10_000_000 })
  expect(line()).toBe("[===========>                  ]   42 %  4.2 MB of 10.0 MB  2.1 MB/s  3 s left")
})

test("without a total there are bytes and speed", async () => {
  const { clock, transfer, line } = transferring()
  transfer.note({ transferredBytes: 0, totalBytes: undefined })
  await clock.advance(2000)
  transfer.note({ transferredBytes: 4_200_000, totalBytes: undefined })
  expect(line()).toBe("4.2 MB  2.1 MB/s")
})

test("all that has left, but has not arrived for all that is known, is waited for", () => {
  const { transfer, line } = transferring()
  transfer.note({ transferredBytes: 500, sentBytes: 1000, totalBytes: 1000 })
  expect(line()).toContain("100 %  1.0 kB of 1.0 kB  waits for the server")
  transfer.note({ transferredBytes: 1000, sentBytes: 1000, totalBytes: 1000 })
  expect(line()).not.toContain("waits")
})

test("bytes of before count for the share, and not for the speed", async () => {
  const { clock, transfer, line } = transferring()
  transfer.note({ transferredBytes: 8_000_000, totalBytes: 10_000_000 })
  await clock.advance(1000)
  transfer.note({ transferredBytes: 9_000_000, totalBytes: 10_000_000 })
  expect(line()).toContain("90 %  9.0 MB of 10.0 MB  1.0 MB/s  1 s left")
  expect(transfer.summary).toBe("9.0 MB in 1 s (1.0 MB/s)")
})

test("retries and resumes are counted, and a wait is told while it lasts", async () => {
  const { api, server, clock, run, transfer, line } = transferring()
  server.expect("GET /f").replies(200)
  server.expect("GET /f").replies(503, { headers: { "retry-after": "5" } })
  server.expect("GET /f").replies(200, { delayMs: 2000 })
  await run(api.get("/f").bytes())
  transfer.note({ transferredBytes: 500, totalBytes: 1000 })
  const second = api.get("/f").bytes()
  void second.catch(() => {})
  await clock.advance(1000)
  expect(line(200)).toContain("50 %  500 B of 1.0 kB  1 resume  1 retry  503: waits 5 s")
  await clock.advance(5000)
  expect(line(200)).not.toContain("waits")
  await run(second)
  expect(transfer.summary).toBe("500 B in 7 s, 1 resume, 1 retry")
})

test("what is no resumption is not counted as one", async () => {
  const { api, server, run, transfer } = transferring((method) => method === "HEAD")
  server.expect("POST /f").replies(201)
  server.expect("HEAD /f").replies(200)
  await run(api.post("/f").bytes())
  await run(api.head("/f").bytes())
  expect(transfer.summary).toContain("1 resume")
})
