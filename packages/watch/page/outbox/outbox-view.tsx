import { gateWords, until } from "./words.ts"
import { Entries } from "./entries.tsx"
import { choose, counts, group, GROUPS, more, outbox, said, trouble } from "./outbox.ts"
import { number } from "../format.ts"

/** What waits, what is retried and why, and what somebody has to see to. */
export function OutboxView() {
  const told = outbox.value
  return (
    <section aria-labelledby="outbox-title" class="panel">
      <h2 id="outbox-title">Outbox</h2>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <fieldset>
          <legend class="unseen">Which entries</legend>
          {GROUPS.map((name) => (
            <label key={name} class="chip">
              <input type="radio" name="group" checked={group.value === name} onChange={() => choose(name)} />
              <span>
                {name} <b>{told === undefined ? "" : number(counts.value[name])}</b>
              </span>
            </label>
          ))}
        </fieldset>
      </form>
      <Origins />
      <p id="said" role="status" tabIndex={-1} class={said.value?.isBad === true ? "said bad" : "said"}>
        {said.value?.text}
      </p>
      {trouble.value !== undefined && <p class="said bad">{trouble.value}</p>}
      {told !== undefined && <Entries entries={told.entries} now={told.now} />}
      {told?.isMore === true && (
        <button type="button" class="older" onClick={more}>
          Show older ones
        </button>
      )}
    </section>
  )
}

/** Origins that are held back, and until when. */
function Origins() {
  const { origins = [], now = 0 } = outbox.value ?? {}
  if (origins.length === 0) return null
  return (
    <ul class="held">
      {origins.map(({ origin, waiting, gate, until: at }) => (
        <li key={origin}>
          <b>{origin}</b> {gateWords(gate)}
          {at !== undefined && at > now && `: next call ${until(at, now)}`}
          <span class="muted"> · {number(waiting)} wait for it</span>
        </li>
      ))}
    </ul>
  )
}
