import { BlockList } from "node:net"
import { UsageError } from "../usage-error.ts"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

/** Whether a URL leads to this machine. Only what cannot lead elsewhere counts: a name other than localhost may. */
function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  if (hostname === "localhost") return true
  return hostname.startsWith("[")
    ? loopback.check(hostname.slice(1, -1), "ipv6")
    : /^[\d.]+$/.test(hostname) && loopback.check(hostname, "ipv4")
}

/**
 * A load test is for one's own server. Private addresses are no exception: there are colleagues' machines, routers and
 * shared clusters behind them.
 * @throws UsageError for another machine's without the word that it may be loaded.
 */
export function checkPermission(url: string, isOwn: boolean): void {
  if (isOwn || isLoopback(url)) return
  throw new UsageError(
    `${new URL(url).host} is not this machine, and a load test can take a server down; if it is yours, or its owner agreed, add --yes-this-is-my-server`,
  )
}
