import type { Call } from "../call.ts"
import { PageList } from "./parts/paging/page-list.ts"
import type { Pages, PagesOptions } from "./parts/paging/pages.ts"
import { detection } from "./parts/paging/paging-detection.ts"
import type { PagingStyle } from "./parts/paging/paging-style.ts"

/**
 * Lists that come in pages: `for await (const user of api.get("/users").pages().items<User>())`.
 *
 * Every page is a call of its own, with retries and deadline; the signal of the call ends all of it. The page after the
 * one that you work on is asked for ahead.
 */
export const paging = {
  /** @throws ConfigurationError for options that cannot work, and for a cursor that is none or leads to another origin. */
  pages<Item = unknown>(this: Call, options: PagesOptions = {}): Pages<Item> {
    return new PageList<Item>(this.context, options, detection)
  },
}

/**
 * `paging` for who counts bytes: it finds nothing out from first pages, so that every `pages()` says how its list goes on,
 * `pages({ by: byLink() })`, and only the styles that are imported are in the bundle.
 */
export const pagingBy = {
  /** @throws ConfigurationError for options that cannot work, and for a cursor that is none or leads to another origin. */
  pages<Item = unknown>(this: Call, options: PagesOptions & { readonly by: PagingStyle }): Pages<Item> {
    return new PageList<Item>(this.context, options)
  },
}
