import { describe, expect, test } from "vitest"
import { serviceLimits } from "./rate-limit-fields.ts"

const NOW = Date.UTC(2026, 0, 1)
const NOW_S = NOW / 1000

const read = (fields: Record<string, string>) => serviceLimits((name) => fields[name] ?? null, NOW)
const limit = (parts: object) => ({
  name: "",
  partition: "",
  quota: undefined,
  windowMs: undefined,
  ...parts,
})

describe("RateLimit, version 11 of the draft", () => {
  test("the limit alone", () => {
    expect(read({ ratelimit: '"default";r=50;t=30' })).toEqual([
      limit({ name: "default", remaining: 50, resetMs: 30_000 }),
    ])
  })

  test("with its policy, each limit with its own", () => {
    const fields = {
      "ratelimit-policy": '"permin";q=50;w=60,"perhr";q=1000;w=3600',
      ratelimit: '"permin";r=10;t=20, "perhr";r=900;t=1800;pk=:dXNlcg==:',
    }
    expect(read(fields)).toEqual([
      limit({ name: "permin", remaining: 10, resetMs: 20_000, quota: 50, windowMs: 60_000 }),
      limit({ name: "perhr", partition: ":dXNlcg==:", remaining: 900, resetMs: 1_800_000, quota: 1000, windowMs: 3_600_000 }),
    ]) // prettier-ignore
  })

  test("without a time the policy's window bounds it; without either there is nothing to know", () => {
    const ratelimit = '"default";r=5'
    expect(read({ ratelimit, "ratelimit-policy": '"default";q=9;w=10' })).toMatchObject([{ resetMs: 10_000 }])
    expect(read({ ratelimit })).toEqual([])
  })

  test("a malformed policy is ignored, not the limit", () => {
    expect(read({ ratelimit: '"a";r=1;t=2', "ratelimit-policy": '"a";q=' })).toMatchObject([{ quota: undefined }])
  })

  test("quotas of bytes and of concurrent requests are not of requests", () => {
    const ratelimit = '"a";r=1;t=2'
    for (const unit of ["content-bytes", "concurrent-requests"])
      expect(read({ ratelimit, "ratelimit-policy": `"a";q=5;qu="${unit}"` })).toEqual([])
    expect(read({ ratelimit, "ratelimit-policy": '"a";q=5;qu="requests"' })).toHaveLength(1)
  })

  test.each([
    '"a";r=-1;t=5', '"a";r=1.5;t=5', '"a";r=5;t=-1', '"a";r=5;t=0', '"a";t=5', '"a";r="5";t=5', '"a";r=5;t=999999999', "5;r=5;t=5",
    "nonsense", "", '"a";r=5;t=5,',
  ])("%s is ignored", (ratelimit) => {
    expect(read({ ratelimit })).toEqual([])
  }) // prettier-ignore

  test("a reply from a cache tells what was", () => {
    expect(read({ ratelimit: '"a";r=1;t=5', age: "3" })).toEqual([])
    expect(read({ ratelimit: '"a";r=1;t=5', age: "0" })).toHaveLength(1)
  })

  test("no reply makes more than eight to remember", () => {
    expect(read({ ratelimit: Array.from({ length: 50 }, (_, index) => `"q${index}";r=1;t=5`).join() })).toHaveLength(8)
  })
})

describe("earlier forms", () => {
  test("version 07: one dictionary", () => {
    const fields = { ratelimit: "limit=100, remaining=50, reset=30", "ratelimit-policy": "100;w=60" }
    expect(read(fields)).toEqual([limit({ remaining: 50, resetMs: 30_000, quota: 100, windowMs: 60_000 })])
  })

  test("version 03: three fields, the window beside the limit", () => {
    const fields = { "ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "7", "ratelimit-reset": "9" }
    expect(read(fields)).toEqual([limit({ remaining: 7, resetMs: 9000, quota: 100, windowMs: 60_000 })])
  })

  test.each([
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
    ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
    ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
    ["anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"],
  ])("%s", (limitName, remaining, reset) => {
    expect(read({ [limitName]: "60", [remaining]: "56", [reset]: "20" })).toEqual([
      limit({ remaining: 56, resetMs: 20_000, quota: 60 }),
    ])
  }) // prettier-ignore

  test.each([
    ["30", 30_000],
    ["1.5", 1500],
    [`${NOW_S + 90}`, 90_000],
    [`${NOW_S + 0.25}`, 250],
    [`${NOW + 90_000}`, 90_000],
    ["2026-01-01T00:01:30Z", 90_000],
    ["Thu, 01 Jan 2026 00:01:30 GMT", 90_000],
    ["6m0s", 360_000],
    ["1h2m3s", 3_723_000],
    ["120ms", 120],
    ["8.64s", 8640],
    ["12h", 43_200_000],
    ["10m", 600_000],
    ["10s", 10_000],
    ["12.25ms", 12.25],
    [" 30 ", 30_000],
    [`${366 * 86_400}`, 366 * 86_400_000],
  ])("a reset of %s is %i ms away", (reset, resetMs) => {
    expect(read({ "x-ratelimit-remaining": "1", "x-ratelimit-reset": reset })).toMatchObject([{ resetMs }])
  })

  test("an instant is measured by the server's clock, where it shows it", () => {
    const fields = { "x-ratelimit-remaining": "1", "x-ratelimit-reset": `${NOW_S + 90}` }
    expect(read({ ...fields, date: "Thu, 01 Jan 2026 00:01:00 GMT" })).toMatchObject([{ resetMs: 30_000 }])
    expect(read({ ...fields, date: "some day" })).toMatchObject([{ resetMs: 90_000 }])
  })

  test("what says how long goes before what says until when", () => {
    const fields = { "x-ratelimit-remaining": "1", "x-ratelimit-reset": `${NOW_S + 90}`, "x-ratelimit-reset-after": "2.5" }
    expect(read(fields)).toMatchObject([{ resetMs: 2500 }])
  }) // prettier-ignore

  test.each([
    ["", "5"],
    ["-1", "5"],
    ["many", "5"],
    ["5", ""],
    ["5", "soon"],
    ["5", "0"],
    ["5", "-3"],
    ["5", `${NOW_S - 10}`],
    ["5", `${NOW_S + 40_000_000}`],
    ["5", "2026-99-99T00:00:00Z"],
    ["5", "9".repeat(15)],
    ["5", "1e3"],
    ["5", "NaN"],
    ["5", "in 5s"],
    ["5", "5s."],
    ["5", `${366 * 86_400 + 1}`],
    ["5x", "5"],
  ])("remaining %j with reset %j is ignored", (remaining, reset) => {
    expect(read({ "x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset })).toEqual([])
  })

  test("a window without end, or of no time, is no window to go by", () => {
    const fields = { ratelimit: '"a";r=1;t=5' }
    for (const seconds of [0, 999_999_999])
      expect(read({ ...fields, "ratelimit-policy": `"a";q=5;w=${seconds}` })).toEqual([])
    expect(read({ ...fields, "ratelimit-policy": `"a";q=5;w=${366 * 86_400}` })).toHaveLength(1)
    expect(read({ ratelimit: '"a";r=1;t=0', "ratelimit-policy": '"a";q=5;w=60' })).toEqual([])
    expect(read({ ratelimit: '"a";r=1;t=999999999', "ratelimit-policy": '"a";q=5;w=60' })).toEqual([])
  })

  test("the window is that of the policy with the same quota", () => {
    const fields = { "ratelimit-remaining": "5.5", "ratelimit-reset": "9", "ratelimit-policy": "10;w=1, 100;w=60" }
    expect(read({ ...fields, "ratelimit-limit": "100 , 100;w=3" })).toMatchObject([{ remaining: 5, windowMs: 60_000 }])
    expect(read({ ...fields, "ratelimit-limit": "100.25" })).toMatchObject([{ quota: 100 }])
  })

  test.each(["limit=100, remaining=50", "limit=100, reset=30", "remaining=-1, reset=30", 'remaining="5", reset=30'])(
    "a dictionary of %s is ignored",
    (ratelimit) => {
      expect(read({ ratelimit })).toEqual([])
    },
  )

  test("what is left without a time is nothing to go by", () => {
    expect(read({ "x-ratelimit-remaining": "5", "x-ratelimit-limit": "10" })).toEqual([])
    expect(read({ "content-type": "text/plain" })).toEqual([])
  })
})
