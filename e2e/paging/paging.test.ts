import { getEventListeners } from "node:events"
import { Octokit } from "@octokit/rest"
import { paging, steadfetch, StatusError, type ClientOptions } from "steadfetch"
import { describe, expect, test } from "vitest"
import { runChild } from "../leaks/run-child.ts"
import { makeTransport, transportNames, type TransportName } from "../transports.ts"
import { startIssueTracker, type IssueTracker, type Trouble } from "./issue-tracker.ts"

interface Issue {
  readonly id: number
  readonly title: string
}

const LIST = "/repos/ada/engine/issues"
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

function client(name: TransportName, { origin }: IssueTracker, options: ClientOptions = {}) {
  const retry = { baseMs: 1, attempts: 4, budget: false } as const
  return steadfetch({ baseUrl: origin, retry, ...options, transport: makeTransport(name), abilities: [paging] })
}

/** Some pages fail, others are limited, in all the ways there are. */
function trouble(page: number): readonly Trouble[] {
  const all: Trouble[] = []
  if (page % 2 === 0) all.push("503")
  if (page % 3 === 0) all.push("429")
  if (page % 5 === 0) all.push("reset")
  if (page % 7 === 0) all.push("broken-body", "secondary-limit")
  return all.slice(0, 3)
}

describe.each(transportNames)("over %s", (name) => {
  test("a list of 1,000 comes whole and in order though most of its pages fail at first", async () => {
    await using tracker = await startIssueTracker({ issues: 1000, perPage: 25, trouble })
    const api = client(name, tracker)
    const seen: number[] = []
    for await (const issue of api.get(LIST).pages().items<Issue>()) seen.push(issue.id)
    expect(seen).toEqual(upTo(1000))
    const wrong = upTo(40).reduce((sum, page) => sum + trouble(page).length, 0)
    expect(tracker.asked).toHaveLength(40 + wrong)
    expect(wrong).toBeGreaterThan(40)
    await api.close()
  })

  test("a page that fails for good ends it after the pages before, and another process reads the rest", async () => {
    const attempts = new Map<number, readonly Trouble[]>([[3, ["503", "reset", "503", "503"]]])
    await using tracker = await startIssueTracker({
      issues: 10,
      perPage: 2,
      trouble: (page) => attempts.get(page) ?? [],
    })
    const api = client(name, tracker)
    const pages = api.get(LIST).pages<Issue>()
    const seen: number[] = []
    const reading = (async () => {
      for await (const { id } of pages.items()) seen.push(id)
    })()
    await expect(reading).rejects.toThrow(StatusError)
    expect(seen).toEqual(upTo(4))
    const rest = await runChild<number[]>(new URL("rest.child.ts", import.meta.url), {
      origin: tracker.origin,
      from: pages.resumeAt,
    })
    expect([...seen, ...rest]).toEqual(upTo(10))
    await api.close()
  })

  test("a 4xx in the middle is asked for once, and its words are in the error", async () => {
    await using tracker = await startIssueTracker({
      issues: 10,
      perPage: 2,
      trouble: (page) => (page === 2 ? ["gone"] : []),
    })
    const api = client(name, tracker)
    await expect(api.get(LIST).pages().collect()).rejects.toThrow("410 Gone: Issues are disabled for this repo")
    expect(tracker.asked).toEqual([LIST, "/repositories/7/issues?per_page=30&page=2"])
    await api.close()
  })

  test("whoever breaks out leaves no request behind", async () => {
    await using tracker = await startIssueTracker({ issues: 10, perPage: 2, hangsAt: 2 })
    const api = client(name, tracker)
    for await (const { id } of api.get(LIST).pages().items<Issue>()) {
      if (id === 1) continue
      // The page ahead is under way by now, or soon.
      await untilTrue(() => tracker.asked.length === 2)
      break
    }
    await untilTrue(() => tracker.left.length === 1)
    expect(tracker.left).toEqual(["/repositories/7/issues?per_page=30&page=2"])
    await api.close()
  })

  test("an abort ends it with its reason, and lets the connection go", async () => {
    await using tracker = await startIssueTracker({ issues: 10, perPage: 2, hangsAt: 3 })
    const api = client(name, tracker)
    const controller = new AbortController()
    const reason = new Error("enough")
    const seen: number[] = []
    const reading = (async () => {
      for await (const { id } of api.get(LIST, { signal: controller.signal }).pages().items<Issue>()) {
        seen.push(id)
        if (id === 4) void untilTrue(() => tracker.asked.length === 3).then(() => controller.abort(reason))
      }
    })()
    await expect(reading).rejects.toBe(reason)
    expect(seen).toEqual(upTo(4))
    await untilTrue(() => tracker.left.length === 1)
    expect(getEventListeners(controller.signal, "abort")).toEqual([])
    await api.close()
  })

  test("links to another origin are refused, and get no credentials when they are allowed", async () => {
    await using away = await startIssueTracker({ issues: 4, perPage: 2 })
    await using tracker = await startIssueTracker({ issues: 4, perPage: 2, linksTo: away.origin })
    const api = client(name, tracker, { headers: { authorization: "Bearer secret", "x-api-key": "secret" } })
    const call = () => api.get(LIST, { headers: { "x-session": "secret" } })
    await expect(call().pages().collect()).rejects.toThrow(`another origin; if that is meant, allow it with origins`)
    expect(away.asked).toEqual([])
    const issues = await call()
      .pages({ origins: [away.origin] })
      .collect<Issue>()
    expect(issues.map(({ id }) => id)).toEqual(upTo(4))
    expect(tracker.headers).toMatchObject({ authorization: "Bearer secret", "x-session": "secret" })
    expect(JSON.stringify(away.headers)).not.toContain("secret")
    await api.close()
  })
})

test("what it reads is what octokit.paginate reads", async () => {
  await using tracker = await startIssueTracker({ issues: 95, perPage: 30 })
  const octokit = new Octokit({ baseUrl: tracker.origin })
  const theirs = await octokit.paginate(octokit.issues.listForRepo, { owner: "ada", repo: "engine" })
  const asked = tracker.asked.splice(0)
  const api = client("fetch", tracker)
  const ours = await api.get(LIST).pages().collect<Issue>()
  expect(ours).toEqual(theirs)
  expect(tracker.asked).toEqual(asked)
})

/** Waits for something that another side's events bring about. */
async function untilTrue(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}
