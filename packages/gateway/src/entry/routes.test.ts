import { expect, test } from "vitest"
import { findRoute, sortedRoutes } from "./routes.ts"

const routes = sortedRoutes([
  { upstream: "all", host: undefined, prefix: "" },
  { upstream: "a", host: undefined, prefix: "/a" },
  { upstream: "a/b", host: undefined, prefix: "/a/b" },
  { upstream: "host", host: "h.test", prefix: "" },
  { upstream: "host/a", host: "h.test", prefix: "/a" },
])

test.each([
  ["x.test", "/", "all", "/"],
  ["x.test", "/ab", "all", "/ab"],
  ["x.test", "/a", "a", ""],
  ["x.test", "/a?q", "a", "?q"],
  ["x.test", "/a/c", "a", "/c"],
  ["x.test", "/a/b/c", "a/b", "/c"],
  ["x.test", "/a/bc", "a", "/bc"],
  ["h.test", "/a/b", "host/a", "/b"],
  ["h.test", "/c", "host", "/c"],
  [undefined, "/a", "a", ""],
])("%s%s goes to %s with %j", (host, path, upstream, rest) => {
  expect(findRoute(routes, host, path)).toEqual({ upstream, rest })
})

test("a path that nobody has finds nobody", () => {
  expect(findRoute([{ upstream: "a", host: "h.test", prefix: "/a" }], "x.test", "/a")).toBeUndefined()
})
