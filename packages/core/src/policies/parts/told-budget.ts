import type { RetryBudget } from "../../algorithms/retry-budget.ts"
import type { Events } from "../../events.ts"

/** Pays a success into a budget, and tells of it. */
export function depositTold(budget: RetryBudget, origin: string, policy: string, events: Events): void {
  budget.deposit(origin)
  tell(budget, origin, policy, events)
}

/** Pays for one retry or hedge, and tells of it; false when there is not enough. No budget has no end. */
export function withdrawTold(budget: RetryBudget | undefined, origin: string, policy: string, events: Events): boolean {
  if (budget === undefined) return true
  const isPaid = budget.withdraw(origin)
  tell(budget, origin, policy, events)
  return isPaid
}

function tell(budget: RetryBudget, key: string, policy: string, events: Events): void {
  if (events.heard("budget")) events.emit("budget", { policy, key, tokens: budget.tokens(key) })
}
