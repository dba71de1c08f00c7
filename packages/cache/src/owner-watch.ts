import type { Exchange, Watch } from "steadfetch"

/** Says whose replies these are, now. */
export type Owner = () => string

/** Who owns them now; undefined where that cannot be told any more, as once the user has signed out. */
export function ownerNow(owner: string | Owner): string | undefined {
  if (typeof owner === "string") return owner
  try {
    return owner()
  } catch {
    return undefined
  }
}

/**
 * Knows whether all of an exchange went out for the one who asked. Credentials are asked for on each attempt: when another
 * user signs in meanwhile, the reply is what that one was told.
 */
export class OwnerWatch implements Watch {
  readonly #owner: Owner
  readonly #asked: string
  readonly #exchange: Exchange
  #isOthers = false

  /** @param asked Who owned the exchange when it began. */
  constructor(owner: Owner, asked: string, exchange: Exchange) {
    this.#owner = owner
    this.#asked = asked
    this.#exchange = exchange
  }

  /** To be asked once the reply is there. */
  get isOwn(): boolean {
    // What came from an identical call, say, was sent where this does not see it.
    return !this.#isOthers && ownerNow(this.#owner) === this.#asked && this.#exchange.record.servedBy === undefined
  }

  sending(): void {
    if (ownerNow(this.#owner) !== this.#asked) this.#isOthers = true
    this.#exchange.watch?.sending()
  }

  waiting(): void {
    this.#exchange.watch?.waiting()
  }

  arrived(): void {
    this.#exchange.watch?.arrived()
  }
}
