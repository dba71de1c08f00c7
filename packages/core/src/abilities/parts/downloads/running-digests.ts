import { DIGEST_ALGORITHMS, type DigestAlgorithm, type Digests } from "../../../algorithms/digest-fields.ts"

/** A hash that takes its input piece by piece: `createHash("sha256")` of Node, `sha256.create()` of @noble/hashes. */
export interface IncrementalHash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** What makes hashes, by algorithm. */
export type Hashes = Readonly<Partial<Record<DigestAlgorithm, () => IncrementalHash>>>

/** The digests of a representation, computed as its bytes pass. */
export class RunningDigests {
  readonly #hashes: readonly (readonly [
    algorithm: DigestAlgorithm,
    expected: readonly string[],
    hash: IncrementalHash,
  ])[]

  /** @param expected What the bytes must hash to, all of it. An algorithm that nothing here computes is left out. */
  constructor(makers: Hashes, ...expected: readonly Digests[]) {
    this.#hashes = DIGEST_ALGORITHMS.flatMap((algorithm) => {
      const digests = expected.flatMap((one) => one[algorithm] ?? [])
      const make = makers[algorithm]
      return make === undefined || digests.length === 0 ? [] : [[algorithm, digests, make()] as const]
    })
  }

  /** Whether there is anything to compute. */
  get isIdle(): boolean {
    return this.#hashes.length === 0
  }

  update(bytes: Uint8Array): void {
    for (const [, , hash] of this.#hashes) hash.update(bytes)
  }

  /** The algorithms whose digests are right, and in words what is wrong with the first one that is not. */
  verdict(): { readonly verified: readonly DigestAlgorithm[]; readonly wrong: string | undefined } {
    const verified: DigestAlgorithm[] = []
    for (const [algorithm, expected, hash] of this.#hashes) {
      const actual = btoa(String.fromCharCode(...hash.digest()))
      const other = expected.find((digest) => digest !== actual)
      if (other !== undefined) return { verified, wrong: `their ${algorithm} digest is ${actual}, not ${other}` }
      verified.push(algorithm)
    }
    return { verified, wrong: undefined }
  }
}
