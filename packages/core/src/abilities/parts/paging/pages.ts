import type { Success } from "../../../call-outcome.ts"
import type { PagingStyle, Spot } from "./paging-style.ts"

/** Options of `pages()`. */
export interface PagesOptions {
  /**
   * How the list goes on: `byLink()`, `byNextUrl()`, `byCursor()`, `byPage()`, `byOffset()`. Default: found out from the
   * first page, where it is one of the styles that the guide lists.
   */
  readonly by?: PagingStyle | undefined
  /** Where a page's items stand: "data.users", or a function that gives a list. Default: the body, or the list in it. */
  readonly items?: Spot | undefined
  /** Goes on where an earlier iteration was: a page's `cursor` or `next`, or `resumeAt`. */
  readonly from?: string | undefined
  /** Ends after so many pages. Default: none, and 10,000 pages are taken for a server that never ends, which is an error. */
  readonly maxPages?: number | undefined
  /** Ends after so many items. Default: none. */
  readonly maxItems?: number | undefined
  /** Asks for the next page while you work on the one before. Default true. */
  readonly prefetch?: boolean | undefined
  /** Other origins that next URLs may lead to, `["https://eu.api.example.com"]`; no credentials go there. Default: none. */
  readonly origins?: readonly string[] | undefined
}

/** A page of a list. */
export interface Page<Item = unknown> {
  /** Its status, header fields, URL and attempts; the body can be read again. */
  readonly reply: Success
  /** The JSON body; undefined when there is none. */
  readonly body: unknown
  /** Its part of the list. @throws BodyError when the body has no list, or several: `items` says where it is. */
  readonly items: readonly Item[]
  /** Where this page is: `pages({ from: page.cursor })` begins with it again. */
  readonly cursor: string
  /** Where the next page is; undefined when this is the last one. */
  readonly next: string | undefined
  /** How many items there are in all, where the server says it. */
  readonly total: number | undefined
}

/**
 * The pages of a list, from first to last. Each iteration asks for them anew, one call after the other; it ends with the
 * errors of those calls, with BodyError for a reply that is no page, and with CallError for a list that does not end or
 * leads elsewhere.
 */
export interface Pages<Item = unknown> extends AsyncIterable<Page<Item>> {
  /** The items of all pages, in order. */
  items<T = Item>(): AsyncGenerator<T, void, undefined>
  /** All items at once. */
  collect<T = Item>(): Promise<T[]>
  /**
   * For `pages({ from })`: the first page that the latest iteration did not hand over whole. After an error it is the
   * page that failed; undefined when all is done.
   */
  readonly resumeAt: string | undefined
}
