import { CallRecord, type BodySource, type Exchange, type HeaderList } from "steadfetch"

/** What an exchange is about, where it is not what most are about. */
export interface TestExchangeParts extends Partial<Omit<Exchange, "request">> {
  /** Default GET. */
  readonly method?: string
  /** With lower-case names. */
  readonly headers?: HeaderList
  /** A text, which can be sent again, or a source. */
  readonly body?: string | BodySource
}

/** An exchange as a client makes it, for tests of transports and policies: buffered, without limits and without options. */
export function testExchange(url: string, parts: TestExchangeParts = {}): Exchange {
  const { method = "GET", headers = [], body, ...own } = parts
  const source = typeof body === "string" ? { replayable: true, length: undefined, open: () => body } : body
  return {
    request: { method, url, headers, body: source ?? null },
    reading: "buffer",
    signal: undefined,
    deadlineAt: Number.POSITIVE_INFINITY,
    maxBodyBytes: Number.POSITIVE_INFINITY,
    keyed: false,
    options: {},
    watch: undefined,
    record: new CallRecord(method, url, 0),
    ...own,
  }
}
