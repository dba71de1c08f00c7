import type { ToldDetails } from "../../src/outbox/messages.ts"
import { bytes } from "./words.ts"

/** A body that is only read. */
export function Stored({ entry: { text, noText, bodyBytes } }: { readonly entry: ToldDetails }) {
  if (bodyBytes === undefined) return <p class="muted">It has no body.</p>
  return (
    <>
      <p class="muted">
        Its body, {bytes(bodyBytes)}. {noText}
      </p>
      {text !== undefined && <pre tabIndex={0}>{text}</pre>}
    </>
  )
}
