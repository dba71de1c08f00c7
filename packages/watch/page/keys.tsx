import type { BudgetState, KeyState, PolicyState } from "../src/story.ts"
import { number, timeOfDay } from "./format.ts"
import { picture, version } from "./live.ts"

const COLUMNS = [
  "Origin",
  "Calls",
  "Attempts per call",
  "Attempts failed",
  "Retry budget",
  "Breaker and other policies",
]

export function Keys() {
  void version.value
  const keys = picture.keys.toSorted((one, other) => one.key.localeCompare(other.key))
  if (keys.length === 0) return null
  return (
    <section aria-labelledby="keys-title" class="panel">
      <h2 id="keys-title">Origins</h2>
      {/* The roles stay what they are where the style sheet makes blocks of rows. */}
      <table role="table" aria-labelledby="keys-title">
        <thead role="rowgroup">
          <tr role="row">
            {COLUMNS.map((name) => (
              <th key={name} role="columnheader" scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {keys.map((state) => (
            <Row key={state.key} state={state} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({ state: { key, begun, calls, attempts, failed, budgets, policies } }: { readonly state: KeyState }) {
  const [, ...names] = COLUMNS
  const cells = [
    number(calls),
    begun === 0 ? "–" : (attempts / begun).toFixed(2),
    number(failed),
    <Budgets budgets={budgets} />,
    <Policies policies={policies} />,
  ]
  return (
    <tr role="row">
      <th role="rowheader" scope="row">
        {key}
      </th>
      {cells.map((cell, index) => (
        <td key={names[index]} role="cell" data-name={names[index]}>
          {cell}
        </td>
      ))}
    </tr>
  )
}

function Budgets({ budgets }: Pick<KeyState, "budgets">) {
  const all = Object.entries(budgets)
  if (all.length === 0) return <>–</>
  return (
    <>
      {all.map(([policy, budget]) => (
        <div key={policy}>
          {policy === "retry" ? "" : `${policy} `}
          <Budget budget={budget} />
        </div>
      ))}
    </>
  )
}

function Budget({ budget: { tokens, capacity } }: { readonly budget: BudgetState }) {
  const of = <span class="muted"> of {number(capacity)}</span>
  return tokens < 1 ? (
    <b class="bad">spent</b>
  ) : (
    <>
      {tokens === capacity ? number(tokens) : tokens.toFixed(1)}
      {of}
    </>
  )
}

function Policies({ policies }: Pick<KeyState, "policies">) {
  const all = Object.entries(policies)
  if (all.length === 0) return <span class="muted">nothing to report</span>
  return (
    <>
      {all.map(([name, policy]) => (
        <Policy key={name} name={name} policy={policy} />
      ))}
    </>
  )
}

function Policy({ name, policy: { state, why, at } }: { readonly name: string; readonly policy: PolicyState }) {
  const isOpen = name === "breaker" && state !== "closed"
  return (
    <div>
      {name} <b class={isOpen ? "bad" : ""}>{state}</b>{" "}
      <span class="muted">
        since {timeOfDay(at)}: {why}
      </span>
    </div>
  )
}
