import type { Exchange } from "steadfetch"
import type { OperationFacts } from "./description.ts"

/** Which operation of the document a call is. */
export interface OperationNote {
  /** Method and path template: "GET /orders/{id}". */
  readonly name: string
  readonly facts: OperationFacts | undefined
}

/** Where a call's options keep it: policies see it, and options that are copied for a further call keep it. */
const NOTE: unique symbol = Symbol.for("steadfetch.openapi.operation")

interface Noted {
  readonly [NOTE]?: OperationNote
}

/** What to add to the options of a call of this operation. */
export function noteOf(note: OperationNote): object {
  return { [NOTE]: note } satisfies Noted
}

/** The operation that an exchange belongs to, where `openapi()` made its call. */
export function notedOperation({ options }: Exchange): OperationNote | undefined {
  return (options as Noted)[NOTE]
}
