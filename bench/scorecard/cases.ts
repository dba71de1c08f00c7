import type { Case } from "./case.ts"
import { control } from "./cases/00-control.ts"
import { emptyUpload } from "./cases/01-empty-upload.ts"
import { poisonedTimeout } from "./cases/02-poisoned-timeout.ts"
import { stalledBody } from "./cases/03-stalled-body.ts"
import { abortInBackoff } from "./cases/04-abort-in-backoff.ts"
import { endlessRetryAfter } from "./cases/05-endless-retry-after.ts"
import { earlyRetry } from "./cases/06-early-retry.ts"
import { oneConnection } from "./cases/07-one-connection.ts"
import { repeatedPost } from "./cases/08-repeated-post.ts"
import { lastReply } from "./cases/09-last-reply.ts"
import { inheritedDelay } from "./cases/10-inherited-delay.ts"
import { sharedTime } from "./cases/11-shared-time.ts"
import { keptUpload } from "./cases/12-kept-upload.ts"
import { serverWords } from "./cases/13-server-words.ts"
import { shownCredentials } from "./cases/14-shown-credentials.ts"
import { renewedTwice } from "./cases/15-renewed-twice.ts"
import { hangingCancel } from "./cases/16-hanging-cancel.ts"
import { retriesOff } from "./cases/17-retries-off.ts"
import { originPause } from "./cases/18-origin-pause.ts"
import { pastRetryAfter } from "./cases/19-past-retry-after.ts"
import { mixedBody } from "./cases/20-mixed-body.ts"

/** All rows, in order. */
export const cases: readonly Case[] = [
  control, emptyUpload, poisonedTimeout, stalledBody, abortInBackoff, endlessRetryAfter, earlyRetry, oneConnection,
  repeatedPost, lastReply, inheritedDelay, sharedTime, keptUpload, serverWords, shownCredentials, renewedTwice,
  hangingCancel, retriesOff, originPause, pastRetryAfter, mixedBody,
] // prettier-ignore
