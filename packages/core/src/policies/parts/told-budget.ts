import type { RetryBudget } from "../../algorithms/retry-budget.ts"
import type { Events } from "../../events.ts"
import type { Exchange } from "../../exchange.ts"
import { redactUrl } from "../../redaction.ts"
import { originOf } from "../../url.ts"

/** Pays a success into the budget of a policy, and tells of it. Nothing is to be done for a full one that nobody watches. */
export function payIn(budget: RetryBudget, policy: string, exchange: Exchange, events: Events): void {
  if (!budget.isDrawn && !events.heard("budget")) return
  const origin = originOf(exchange.request.url)
  budget.deposit(origin)
  tell(budget, origin, policy, events)
}

/** Pays for one retry or hedge from the budget of a policy, and tells of it; false when there is not enough. */
export function payFrom(budget: RetryBudget, policy: string, exchange: Exchange, events: Events): boolean {
  const origin = originOf(exchange.request.url)
  const isPaid = budget.withdraw(origin)
  tell(budget, origin, policy, events)
  return isPaid
}

function tell(budget: RetryBudget, origin: string, policy: string, events: Events): void {
  if (!events.heard("budget")) return
  events.emit("budget", { policy, key: redactUrl(origin), tokens: budget.tokens(origin), capacity: budget.capacity })
}
