import type { Call } from "../call.ts"
import { PageList } from "./parts/page-list.ts"
import type { Pages, PagesOptions } from "./parts/pages.ts"

/**
 * Lists that come in pages: `for await (const user of api.get("/users").pages().items<User>())`.
 *
 * Every page is a call of its own, with retries and deadline; the signal of the call ends all of it. The page after the
 * one that you work on is asked for ahead.
 */
export const paging = {
  /** @throws ConfigurationError for options that cannot work, and for a cursor that is none or leads to another origin. */
  pages<Item = unknown>(this: Call, options: PagesOptions = {}): Pages<Item> {
    return new PageList<Item>(this.context, options)
  },
}
