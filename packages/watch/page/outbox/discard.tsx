import { useRef } from "preact/hooks"
import type { ToldDetails } from "../../src/outbox/messages.ts"
import { act } from "./outbox.ts"

/** Asks once more before an entry is given up. */
export function Discard({ entry }: { readonly entry: ToldDetails }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const discard = (): void => {
    dialog.current?.close()
    void act(entry, { action: "discard" })
  }
  return (
    <>
      <button type="button" class="danger" onClick={() => dialog.current?.showModal()}>
        Discard…
      </button>
      <dialog ref={dialog} aria-labelledby={`discard-${entry.id}`}>
        <p id={`discard-${entry.id}`}>
          <b>Discard this request?</b> It will never be sent.
        </p>
        <p class="address">
          {entry.method} {entry.url}
        </p>
        <p class="buttons">
          <button type="button" autofocus onClick={() => dialog.current?.close()}>
            Keep it
          </button>
          <button type="button" class="danger" onClick={discard}>
            Discard it
          </button>
        </p>
      </dialog>
    </>
  )
}
