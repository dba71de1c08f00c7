/** A pipeline in a process of its own, so that it is compiled for nothing but itself. */
import { answerParent } from "./answer-parent.ts"
import { inARowUs } from "./measures/in-a-row.ts"
import { pipelineVariants } from "./measures/pipeline-variants.ts"
import type { PipelineTasks } from "./tasks.ts"

let call: (() => Promise<unknown>) | undefined

answerParent<PipelineTasks>({
  callUs: ({ variant, seconds }) => inARowUs((call ??= pipelineVariants[variant]()), seconds),
})
