import type { Output } from "../output.ts"

/** Prints a line about each of many ends, in the order of their calls, each as soon as those before it are there. */
export class OrderedLines<End extends { readonly index: number }> {
  /** Resolves once all that can be printed is. */
  written: Promise<void> = Promise.resolve()
  readonly #stdout: Output
  readonly #stderr: Output
  readonly #line: (end: End) => string | Promise<string>
  readonly #early = new Map<number, End>()
  #next = 0

  /** @param line Without the line break; "" for none. */
  constructor(stdout: Output, stderr: Output, line: (end: End) => string | Promise<string>) {
    this.#stdout = stdout
    this.#stderr = stderr
    this.#line = line
  }

  add(end: End): void {
    this.#early.set(end.index, end)
    for (;;) {
      const ready = this.#early.get(this.#next)
      if (ready === undefined) return
      this.#early.delete(this.#next++)
      this.written = this.written.then(() => this.#print(ready))
    }
  }

  async #print(end: End): Promise<void> {
    const line = await this.#line(end)
    if (line === "") return
    // Both are commonly the same terminal; the next tick draws the line again.
    if (this.#stdout.isTerminal) this.#stderr.live("")
    await this.#stdout.bytes(`${line}\n`)
  }
}
