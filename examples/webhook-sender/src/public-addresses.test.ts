import { lookup } from "node:dns"
import { createServer } from "node:net"
import { once } from "node:events"
import { expect, onTestFinished, test } from "vitest"
import { isPublic, publicConnector, publicLookup } from "./public-addresses.ts"

test.each(["8.8.8.8", "100.63.255.255", "172.32.0.1", "223.255.255.255", "2606:4700::1111", "2a00::1"])(
  "%s is public",
  (address) => expect(isPublic(address)).toBe(true),
)

test.each([
  "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
  "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8",
  "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2001::1",
  "2002:7f00:1::", "localhost", "",
])("%j is not public", (address) => expect(isPublic(address)).toBe(false)) // prettier-ignore

type Resolve = Parameters<typeof publicLookup>[0]

const resolvesTo =
  (...addresses: string[]): Resolve =>
  (_host, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    )

function found(resolve: Resolve, all: boolean): Promise<unknown> {
  return new Promise((done, fail) =>
    publicLookup(resolve)("hooks.example", { all }, (error, ...address) => {
      if (error === null) done(address)
      else fail(error)
    }),
  )
}

test("a name gives the addresses that were checked, all or the first", async () => {
  expect(await found(resolvesTo("8.8.8.8", "2a00::1"), false)).toEqual(["8.8.8.8", 4])
  const both = [{ address: "8.8.8.8", family: 4 }, { address: "2a00::1", family: 6 }] // prettier-ignore
  expect(await found(resolvesTo("8.8.8.8", "2a00::1"), true)).toEqual([both])
})

test.each([["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::1"]])(
  "a name that resolves to %s, %s is refused",
  async (...addresses) => {
    const said =
      /^hooks\.example resolves to (10\.0\.0\.1|::1), which is not a public address: webhooks are not sent there$/
    await expect(found(resolvesTo(...addresses.filter(Boolean)), true)).rejects.toThrow(said)
  },
)

test("a name that does not resolve fails as it does elsewhere", async () => {
  const resolve: Resolve = (_host, _options, done) => done(new Error("getaddrinfo ENOTFOUND"), [])
  await expect(found(resolve, false)).rejects.toThrow("getaddrinfo ENOTFOUND")
})

test.each(["127.0.0.1", "[::1]", "localhost"])("%s is not connected to", async (hostname) => {
  const server = createServer(() => expect.unreachable("a connection came"))
  onTestFinished(() => void server.close())
  await once(server.listen(0), "listening")
  const address = server.address()
  const port = typeof address === "object" ? String(address?.port) : ""
  const end = new Promise<Error | null>((resolve) =>
    publicConnector(lookup)({ hostname, protocol: "http:", port }, (...[error]) => resolve(error)),
  )
  expect((await end)?.message).toContain("is not a public address: webhooks are not sent there")
})
