import type { Success } from "../../../call-outcome.ts"

/** What a page is asked for with. The method, and all other options, are those of the call. */
export interface PageRequest {
  /** Absolute. */
  readonly url: string
  /** The JSON body, where the call has one. */
  readonly json?: unknown
}

/** A page as it arrived. */
export interface ReceivedPage {
  /** A success. */
  readonly reply: Success
  /** The JSON body; undefined when there is none. */
  readonly body: unknown
  /** What was asked for. */
  readonly request: PageRequest
  /** The page's items. @throws BodyError when they cannot be found. */
  readonly items: readonly unknown[]
  /** Ends the iteration with a BodyError: "GET https://… → 200 OK: " and this. */
  refuse(what: string): never
}

/** How an API says where a list goes on. `byLink()` and the like make one; any object of this shape is one, too. */
export interface PagingStyle {
  /** What its cursors begin with: letters, digits and "-". */
  readonly name: string
  /**
   * Where the next page is: a value that JSON can hold, or undefined or null when this page is the last one. It
   * stands in cursors, and so comes back from wherever those were kept.
   */
  next(page: ReceivedPage): unknown
  /**
   * The request for the page at a position; undefined for what is no position of this style. `first` is the call's own.
   * Whatever it says, no request leaves the call's origin and those that `origins` allows.
   */
  request(position: unknown, first: PageRequest): PageRequest | undefined
}

/** Where the style of a list comes from when nobody says it. */
export interface Detection {
  /**
   * The style of a first page; undefined for a list that tells of no further pages.
   * @param isAllWanted Whether no further page would be asked for anyway.
   * @throws BodyError for a page that tells of further ones in a way that is not known: nobody would notice what is missing.
   */
  style(page: ReceivedPage, method: string, isAllWanted: boolean): PagingStyle | undefined
  /** The style that a cursor of an earlier iteration names. */
  named(name: string, method: string): PagingStyle | undefined
}

/** Where something stands in a reply: a path into its JSON body, "meta.next", or a function that finds it. */
export type Spot = string | ((body: unknown, reply: Success) => unknown)
