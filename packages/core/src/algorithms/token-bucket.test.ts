import { expect, test } from "vitest"
import { TokenBucket } from "./token-bucket.ts"

test("a full one gives all that it holds, and then one by one", () => {
  const bucket = new TokenBucket(2, 3, 1000)
  expect([1, 3, 4, 5].map((sends) => bucket.waitMs(1000, sends))).toEqual([0, 0, 500, 1000])
  for (let taken = 0; taken < 3; taken++) bucket.take(1000)
  expect(bucket.level(1000)).toBe(0)
  expect(bucket.waitMs(1000)).toBe(500)
  expect(bucket.level(1250)).toBe(0.5)
  expect(bucket.level(99_999)).toBe(3)
})

test("taking more than it holds leaves nothing, and no debt", () => {
  const bucket = new TokenBucket(1, 1, 0)
  bucket.take(0)
  bucket.take(0)
  expect(bucket.waitMs(0)).toBe(1000)
})

test("an instant that lies behind the last one neither fills nor empties it", () => {
  const bucket = new TokenBucket(1, 5, 0)
  bucket.empty(1000)
  expect(bucket.level(500)).toBe(0)
  bucket.take(500)
  bucket.empty(500)
  bucket.adjust(500, 2, 5)
  expect([bucket.level(1000), bucket.level(1500)]).toEqual([0, 1])
})

test("what was filled until it is adjusted was filled at the old rate", () => {
  const bucket = new TokenBucket(1, 10, 0)
  bucket.empty(0)
  bucket.adjust(2000, 4, 10)
  expect([bucket.level(2000), bucket.level(2500)]).toEqual([2, 4])
  bucket.adjust(2500, 4, 3)
  expect(bucket.level(9000)).toBe(3)
  bucket.adjust(9000, 4, 10)
  expect(bucket.level(9000)).toBe(3)
})

test("an emptied one fills from that instant on", () => {
  const bucket = new TokenBucket(1, 2, 0)
  bucket.empty(3000)
  expect([bucket.level(3000), bucket.level(4000)]).toEqual([0, 1])
})
