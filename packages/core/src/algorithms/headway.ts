/** Tells whether tries at something long get on, however many there are: each may lose what the last ones brought. */
export class Headway {
  #from = 0
  #most = 0
  #idleTries = 0

  /** Tries that brought nothing, or lost what was there, since it last came further than ever. */
  get idleTries(): number {
    return this.#idleTries
  }

  /** A try begins, with so much there. */
  begin(at: number): void {
    this.#from = at
  }

  /** The try under way has lost what was there, and begins from nothing. */
  lose(): void {
    this.#idleTries++
    this.#from = 0
  }

  /** The try ends, with so much there. */
  end(at: number): void {
    if (at === this.#from) this.#idleTries++
    if (at <= this.#most) return
    this.#most = at
    this.#idleTries = 0
  }
}
