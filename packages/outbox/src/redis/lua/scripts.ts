import { ADD, ALTER, CONCLUDE, REMOVE } from "./changing.ts"
import { LOOK, ORIGINS, OVERDUE, RENEW, TAKE } from "./claiming.ts"
import { LIBRARY } from "./library.ts"
import { LIST } from "./listing.ts"

/** Refused when the memory of Redis is full, as a whole and before it writes. */
const growing = (lua: string): string => `#!lua\n${LIBRARY}${lua}`

/** Done also when the memory is full: what was added can be sent, settled and removed. */
const always = (lua: string): string => `#!lua flags=allow-oom\n${LIBRARY}${lua}`

/** By the names under which the client knows them. */
export const scripts = {
  outboxAdd: growing(ADD),
  outboxLook: always(LOOK),
  outboxOrigins: always(ORIGINS),
  outboxTake: always(TAKE),
  outboxOverdue: always(OVERDUE),
  outboxRenew: always(RENEW),
  outboxConclude: always(CONCLUDE),
  outboxAlter: always(ALTER),
  outboxRemove: always(REMOVE),
  outboxList: always(LIST),
} as const

export type ScriptName = keyof typeof scripts
