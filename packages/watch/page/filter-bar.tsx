import { toHar } from "../src/har.ts"
import { isFiltered, KINDS, kind, origin, origins, showAll, shownCalls, text } from "./filters.ts"
import { picture, version } from "./live.ts"

export function Filters() {
  void version.value
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <fieldset>
        <legend class="unseen">Which calls</legend>
        {KINDS.map((name) => (
          <label key={name} class="chip">
            <input type="radio" name="kind" checked={kind.value === name} onChange={() => (kind.value = name)} />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      {(origins.value.length > 1 || origin.value !== "") && (
        <label>
          <span class="unseen">Origin</span>
          <select value={origin.value} onChange={({ currentTarget }) => (origin.value = currentTarget.value)}>
            <option value="">every origin</option>
            {origins.value.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      <label class="search">
        <span class="unseen">Text in URL, status or message</span>
        <input
          type="search"
          placeholder="URL, status, message…"
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
      </label>
      <button type="button" disabled={shownCalls.value.length === 0} onClick={exportHar}>
        Export HAR
      </button>
      {isFiltered.value && (
        <p class="filtered">
          {shownCalls.value.length} of {picture.calls.length} calls. Figures, charts and origins are of all calls.{" "}
          <button type="button" onClick={unfilter}>
            Show all
          </button>
        </p>
      )}
    </form>
  )
}

/** The button goes with the filters: the focus stays among them. */
function unfilter({ currentTarget: { form } }: { readonly currentTarget: HTMLButtonElement }): void {
  showAll()
  form?.querySelector("input")?.focus()
}

/** What is shown, as a file. */
function exportHar(): void {
  const har = JSON.stringify(toHar(shownCalls.value, "1"), null, 2)
  const url = URL.createObjectURL(new Blob([har], { type: "application/json" }))
  const link = document.createElement("a")
  link.href = url
  link.download = `steadfetch-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.har`
  link.click()
  // Not at once: some browsers fetch it only afterwards.
  window.setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
