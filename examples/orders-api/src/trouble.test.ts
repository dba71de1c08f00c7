import { expect, test } from "vitest"
import { parseTrouble } from "./trouble.ts"

test.each([
  ["503", { trouble: { kind: "status", status: 503, stage: "before" } }],
  [
    "503;times=2;retry-after=1",
    { times: 2, trouble: { kind: "status", status: 503, stage: "before", retryAfterSeconds: 1 } },
  ],
  ["502;when=after;id=a", { id: "a", trouble: { kind: "status", status: 502, stage: "after" } }],
  ["429;retry-after=0", { trouble: { kind: "status", status: 429, stage: "before", retryAfterSeconds: 0 } }],
  ['drop;times=1;id="a b"', { times: 1, id: "a b", trouble: { kind: "drop", stage: "before" } }],
  ["drop;when=after", { trouble: { kind: "drop", stage: "after" } }],
  ["slow;delay-ms=500", { trouble: { kind: "slow", delayMs: 500 } }],
])("understands %s", (field, asked) => {
  expect(parseTrouble(field)).toEqual(asked)
})

test.each([
  ["", "Trouble must be like"],
  ["often", "Trouble must be like"],
  ['"503"', "Trouble must be like"],
  ["404", "Trouble must be 408, 421, 425, 429 or 500 to 599, but was 404"],
  ["600", "Trouble must be 408, 421, 425, 429 or 500 to 599, but was 600"],
  ["429;when=after", "a 429 says that nothing was done"],
  ["503;when=later", "when=before or when=after"],
  ["503;when=1", "takes when as a word"],
  ["503;times=0", "times from 1 to 1000, but got 0"],
  ["503;times=often", "times from 1 to 1000, but got often"],
  ["503;retry-after=-1", "retry-after from 0 to 3600, but got -1"],
  ["503;delay-ms=5", "delay-ms with `slow`, and only there"],
  ["503;id=7", "takes id as a word"],
  ["503;color=red", 'no parameter "color"'],
  ["slow", "delay-ms with `slow`, and only there"],
  ["slow;delay-ms=5;when=after", "no `when` with `slow`"],
  ["drop;retry-after=1", "retry-after with a status only"],
])("refuses %j and says why", (field, reason) => {
  expect(() => parseTrouble(field)).toThrow(reason)
})
