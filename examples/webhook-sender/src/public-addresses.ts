import { lookup, type LookupAddress, type LookupOptions } from "node:dns"
import { BlockList, isIP, isIPv6 } from "node:net"
import { buildConnector } from "undici"

/** Addresses of IPv4 that are not of the public internet (IANA's registry of special purpose addresses), and multicast. */
const special = new BlockList()
for (const range of [
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
  "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]) addRange(special, range, "ipv4") // prettier-ignore

/** Of IPv6 only global unicast is public, without the parts of it that carry an address of IPv4 or are for documents. */
const unicast = new BlockList()
addRange(unicast, "2000::/3", "ipv6")
for (const range of ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]) addRange(special, range, "ipv6")

function addRange(list: BlockList, range: string, family: "ipv4" | "ipv6"): void {
  const [network = "", prefix] = range.split("/")
  list.addSubnet(network, Number(prefix), family)
}

/** Whether an address is one that anybody on the internet could connect to. */
export function isPublic(address: string): boolean {
  if (!isIPv6(address)) return isIP(address) !== 0 && !special.check(address, "ipv4")
  return !address.includes("%") && unicast.check(address, "ipv6") && !special.check(address, "ipv6")
}

/** Refuses to connect to an address that is not public. Its code is that of a connection that a firewall refuses. */
class PrivateAddressError extends Error {
  readonly code = "ECONNREFUSED"
}

type Resolve = (
  host: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * Connects to public addresses alone. The address that was checked is the one that is connected to: a name that resolves to
 * something else a moment later (DNS rebinding) gains nothing.
 */
export function publicConnector(resolve: Resolve = lookup): buildConnector.connector {
  const connect = buildConnector({ lookup: publicLookup(resolve) })
  return (options, done) => {
    const host = options.hostname.replace(/^\[|\]$/g, "")
    // Where the host is an address there is no look-up.
    if (isIP(host) !== 0 && !isPublic(host)) done(refusal(host, host), null)
    else connect(options, done)
  }
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/** Exported for tests. */
export function publicLookup(resolve: Resolve): (host: string, options: LookupOptions, done: Found) => void {
  return (host, options, done) =>
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const hidden = error === null ? addresses.find(({ address }) => !isPublic(address)) : undefined
      const [first] = addresses ?? []
      if (error !== null) done(error, [])
      else if (hidden !== undefined) done(refusal(host, hidden.address), [])
      else if (options.all === true || first === undefined) done(null, addresses)
      else done(null, first.address, first.family)
    })
}

function refusal(host: string, address: string): PrivateAddressError {
  const what = host === address ? address : `${host} resolves to ${address}, which`
  return new PrivateAddressError(`${what} is not a public address: webhooks are not sent there`)
}
