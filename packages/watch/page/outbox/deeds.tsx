import { useSignal, type Signal } from "@preact/signals"
import type { ToldDetails } from "../../src/outbox/messages.ts"
import { Discard } from "./discard.tsx"
import { act, type Wish } from "./outbox.ts"
import { Stored } from "./stored.tsx"

/** For these the request may be right as it is: the credentials were not. */
const CREDENTIALS_REFUSED: readonly (number | undefined)[] = [401, 403, 407]

/** What can be done with an entry: its body changed and sent, sent as it is, given up. */
export function Deeds({ entry }: { readonly entry: ToldDetails }) {
  const { state, text, status } = entry
  const draft = useSignal(text ?? "")
  const isBusy = useSignal(false)
  const isChanged = text !== undefined && draft.value !== text
  const mistake = isChanged ? mistakeIn(entry, draft.value) : undefined
  const canRetry = state !== "rejected" || CREDENTIALS_REFUSED.includes(status)
  const run = async (wish: Wish): Promise<void> => {
    isBusy.value = true
    await act(entry, wish)
    isBusy.value = false
  }
  const send = (): void => void run({ action: "amend", body: draft.value, type: contentType(entry) })
  return (
    <form class="deeds" onSubmit={(event) => event.preventDefault()}>
      {text === undefined ? <Stored entry={entry} /> : <Editor text={text} draft={draft} mistake={mistake} />}
      <p class="buttons">
        {text !== undefined && (
          <button
            type="button"
            class="main"
            disabled={!isChanged || mistake !== undefined || isBusy.value}
            onClick={send}
          >
            Send the changed one
          </button>
        )}
        {canRetry && (
          <button type="button" disabled={isChanged || isBusy.value} onClick={() => void run({ action: "retry" })}>
            {state === "waiting" ? "Send it now" : "Send it again as it is"}
          </button>
        )}
        {isChanged && (
          <button type="button" onClick={() => (draft.value = text)}>
            Undo the changes
          </button>
        )}
        <Discard entry={entry} />
      </p>
      {!canRetry && <p class="muted">It was refused as it is, so it is not sent again unchanged.</p>}
    </form>
  )
}

interface Edited {
  readonly text: string
  readonly draft: Signal<string>
  readonly mistake: string | undefined
}

function Editor({ text, draft, mistake }: Edited) {
  return (
    <>
      <label>
        Body
        <textarea
          spellcheck={false}
          rows={Math.min(16, Math.max(4, text.split("\n").length + 1))}
          value={draft.value}
          aria-invalid={mistake !== undefined}
          onInput={({ currentTarget }) => (draft.value = currentTarget.value)}
        />
      </label>
      {mistake !== undefined && <p class="bad">{mistake}</p>}
    </>
  )
}

function contentType({ headers }: ToldDetails): string | undefined {
  return headers.find(([name]) => name === "content-type")?.[1]
}

/** What a server could not read. */
function mistakeIn(entry: ToldDetails, text: string): string | undefined {
  if (!/^[^;]*[/+]json\b/i.test(contentType(entry) ?? "")) return undefined
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}
