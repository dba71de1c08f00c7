import type { KeyState, PolicyState } from "../src/story.ts"
import { number, timeOfDay } from "./format.ts"
import { picture, version } from "./live.ts"

export function Keys() {
  void version.value
  const { keys } = picture
  if (keys.length === 0) return null
  return (
    <section aria-labelledby="keys-title" class="panel">
      <h2 id="keys-title">Origins</h2>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="keys-title">
        <table>
          <thead>
            <tr>
              <th scope="col">Origin</th>
              <th scope="col">Calls</th>
              <th scope="col">Attempts per call</th>
              <th scope="col">Attempts failed</th>
              <th scope="col">Retry budget</th>
              <th scope="col">Breaker and other policies</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((state) => (
              <Row key={state.key} state={state} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({ state: { key, calls, attempts, failed, budget, policies } }: { readonly state: KeyState }) {
  const isSpent = budget !== undefined && budget < 1
  return (
    <tr>
      <th scope="row">{key}</th>
      <td>{number(calls)}</td>
      <td>{calls === 0 ? "–" : (attempts / calls).toFixed(2)}</td>
      <td>{number(failed)}</td>
      <td class={isSpent ? "bad" : ""}>{budget === undefined ? "–" : isSpent ? "spent" : budget.toFixed(1)}</td>
      <td>
        {Object.entries(policies).map(([name, policy]) => (
          <Policy key={name} name={name} policy={policy} />
        ))}
        {Object.keys(policies).length === 0 && <span class="muted">nothing to report</span>}
      </td>
    </tr>
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
