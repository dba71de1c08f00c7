import { createHash } from "node:crypto"
import { expect } from "vitest"
import type { Store, StoredBody } from "../store.ts"
import { bytes, bytesOf, type Claim } from "./stage.ts"

const SIZES = [0, 1, 65_536, 5 * 1024 * 1024]

/** Bytes without a pattern that a store could mistake for another part of them. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  const filled = new Uint8Array(length)
  for (let index = 0; index < length; index++) filled[index] = (index * 2_654_435_761) >>> 24
  return filled
}

async function* pieces(whole: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let from = 0; from < whole.length; from += 100_001) yield whole.subarray(from, from + 100_001)
}

/** Large bodies are compared by this: a difference of megabytes tells nobody anything. */
const digest = (body: Uint8Array | undefined): string | undefined =>
  body === undefined ? undefined : `${body.length} ${createHash("sha256").update(body).digest("hex")}`

async function expectBody(store: Store, id: string, whole: Uint8Array | undefined): Promise<void> {
  expect(digest(await bytesOf(await store.body(id)))).toBe(digest(whole))
  expect((await store.read(id))?.bodyBytes).toBe(whole?.length)
}

const KINDS: Readonly<Record<string, (whole: Uint8Array<ArrayBuffer>) => StoredBody>> = {
  bytes: (whole) => whole,
  stream: pieces,
}

/** The bodies of requests, byte for byte. */
export function bodyClaims(claim: Claim): void {
  for (const [kind, make] of Object.entries(KINDS)) for (const size of SIZES) sizeClaims(claim, kind, size, make)

  claim("tells an entry without a body from one with an empty one", async (stage) => {
    const id = await stage.add()
    await expectBody(stage.store, id, undefined)
    expect(await stage.store.body(stage.entry().id)).toBeUndefined()
  })

  claim("opens a body several times, also at the same time", async (stage) => {
    const whole = noise(1_000_000)
    const id = await stage.add({ body: whole })
    const body = await stage.store.body(id)
    const [first, second] = await Promise.all([bytesOf(body), bytesOf(body)])
    expect([digest(first), digest(second), digest(await bytesOf(body))]).toEqual(Array(3).fill(digest(whole)))
  })

  claim("takes part of a buffer for what it is", async (stage) => {
    const whole = bytes("0123456789")
    const id = await stage.add({ body: whole.subarray(3, 6), content: whole.subarray(1, 3) })
    const later = await stage.reopen()
    await expectBody(later, id, bytes("345"))
    expect(await stage.read(id, later)).toMatchObject({ content: bytes("12") })
  })

  replacingClaims(claim)
}

function sizeClaims(claim: Claim, kind: string, size: number, make: (whole: Uint8Array<ArrayBuffer>) => StoredBody) {
  claim(`keeps a body byte for byte: ${kind} of ${size}`, async (stage) => {
    const whole = noise(size)
    const id = await stage.add({ body: make(whole) })
    await expectBody(stage.store, id, whole)
    expect((await stage.takeOne()).entry.bodyBytes).toBe(size)
    await expectBody(await stage.reopen(), id, whole)
  })

  claim(`gives an entry another body: ${kind} of ${size}`, async (stage) => {
    const whole = noise(size)
    const id = await stage.add({ body: noise(300_000) })
    await stage.alter(id, { body: make(whole) })
    await expectBody(stage.store, id, whole)
    await stage.alter(id, { priority: 1 })
    await expectBody(await stage.reopen(), id, whole)
  })
}

function replacingClaims(claim: Claim): void {
  for (const size of SIZES) {
    claim(`takes a body of ${size} bytes away`, async (stage) => {
      const id = await stage.add({ body: noise(size) })
      await stage.alter(id, { body: null })
      await expectBody(stage.store, id, undefined)
      await stage.alter(id, { body: bytes("again") })
      await expectBody(await stage.reopen(), id, bytes("again"))
    })
  }

  claim("keeps the body when another one breaks or comes too late", async (stage) => {
    const whole = noise(300_000)
    const id = await stage.add({ body: whole })
    const { version } = await stage.read(id)
    const broken = new Error("the source broke")
    const body = (async function* () {
      yield bytes("some")
      throw broken
    })()
    const at = stage.time.now()
    await expect(stage.store.alter(id, version, { at, state: "waiting", body })).rejects.toBe(broken)
    expect(await stage.store.alter(id, version + 1, { at, state: "waiting", body: pieces(noise(200_000)) })).toBe(false)
    await expectBody(await stage.reopen(), id, whole)
  })

  claim("removes bodies with their entries", async (stage) => {
    const ids = await stage.addAll({ body: bytes("small") }, { body: noise(1_000_000) })
    await stage.settleNext("delivered")
    await stage.settleNext("delivered")
    expect(await stage.store.remove(["delivered"], stage.time.now() + 1, 10)).toBe(2)
    for (const id of ids) expect(await stage.store.body(id)).toBeUndefined()
  })
}
