import type { CallContext } from "../../../call.ts"
import { cursorOf } from "./list-page.ts"
import { PageIteration } from "./page-iteration.ts"
import { pagePlan, type PagePlan } from "./page-plan.ts"
import type { Page, Pages, PagesOptions } from "./pages.ts"
import type { Detection } from "./paging-style.ts"

/** The pages of a call's list. */
export class PageList<Item> implements Pages<Item> {
  readonly #plan: PagePlan
  #latest: PageIteration<Item> | undefined

  constructor(context: CallContext, options: PagesOptions, detection?: Detection) {
    this.#plan = pagePlan(context, options, detection)
  }

  get resumeAt(): string | undefined {
    return this.#latest === undefined ? cursorOf(this.#plan.start) : this.#latest.resumeAt
  }

  [Symbol.asyncIterator](): AsyncGenerator<Page<Item>, void, undefined> {
    const iteration = this.#begin()
    return closing(iteration.pages(), iteration)
  }

  items<T = Item>(): AsyncGenerator<T, void, undefined> {
    const iteration = this.#begin()
    return closing(iteration.items<T>(), iteration)
  }

  async collect<T = Item>(): Promise<T[]> {
    const all: T[] = []
    for await (const item of this.items<T>()) all.push(item)
    return all
  }

  #begin(): PageIteration<Item> {
    this.#latest = new PageIteration<Item>(this.#plan)
    return this.#latest
  }
}

/** A generator's own `return` would wait for the page that is under way; this one lets go of it. */
function closing<T>(
  steps: AsyncGenerator<T, void, undefined>,
  iteration: { close(): void },
): AsyncGenerator<T, void, undefined> {
  const end = steps.return.bind(steps)
  return Object.assign(steps, {
    return: (value: void | PromiseLike<void>) => {
      iteration.close()
      return end(value)
    },
  })
}
