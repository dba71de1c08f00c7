import { virtualClock } from "@steadfetch/testing"
import { expect, test } from "vitest"
import { recordedOutput } from "../test-surroundings.ts"
import { Progress } from "./progress.ts"

test("a terminal sees a line that moves five times a second, and is gone in the end", async () => {
  const { output, text } = recordedOutput(true)
  const clock = virtualClock()
  const progress = new Progress(output, clock, () => `at ${clock.now()}`)
  await clock.advance(450)
  progress.end()
  expect(text()).toBe("\rat 0\u001b[K\rat 200\u001b[K\rat 400\u001b[K\r\u001b[K")
  expect(clock.pending).toBe(0)
})

test("elsewhere a line is written every ten seconds, and nothing for what is short", async () => {
  const { output, text } = recordedOutput(false)
  const clock = virtualClock()
  const progress = new Progress(output, clock, (columns) => `at ${clock.now()} in ${columns}`)
  await clock.advance(9_999)
  progress.draw()
  expect(text()).toBe("")
  await clock.advance(15_000)
  progress.end()
  expect(text()).toBe("at 10000 in Infinity\nat 20000 in Infinity\n")
  expect(clock.pending).toBe(0)
})

test("it is drawn for the width that the terminal has", () => {
  const { output, text } = recordedOutput(true, 40)
  new Progress(output, virtualClock(), (columns) => `${columns} columns`).end()
  expect(text()).toContain("39 columns")
})

test("what ends early is not shown at all", async () => {
  const { output, text } = recordedOutput(true)
  const clock = virtualClock()
  const early = new Progress(output, clock, () => "early", 1000)
  await clock.advance(999)
  early.end()
  expect(text()).toBe("")
  const late = new Progress(output, clock, () => "late", 1000)
  await clock.advance(1000)
  late.end()
  expect(text()).toBe("\rlate\u001b[K\r\u001b[K")
  expect(clock.pending).toBe(0)
})
