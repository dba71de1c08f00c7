import { clients } from "../clients/clients.ts"
import { BARE, pipelineVariants, type PipelineVariant } from "../measures/pipeline-variants.ts"
import type { ItemResult } from "../results.ts"
import { FAILING_SHARE, SLOW_MS } from "../server/replies.ts"
import { measureCreation } from "./creation-item.ts"
import { measureLoad, type LoadWork } from "./load-item.ts"
import {
  CROWD_CONNECTIONS,
  GROWTH_CONCURRENCY,
  measureAllocation,
  measureAllocationSites,
  measureCrowd,
  measureGrowth,
} from "./memory-items.ts"
import { measurePipeline } from "./pipeline-item.ts"
import type { Surroundings } from "./surroundings.ts"

/** How many calls some items make. */
type Scale = Pick<Surroundings, "crowdCalls" | "growthCalls">

/** A kind of work that can be measured. */
export interface Item extends Omit<ItemResult, "about" | "measures"> {
  readonly about: (scale: Scale) => string
  readonly measure: (surroundings: Surroundings) => Promise<ItemResult["measures"]>
}

/** The items that the bars are judged by. */
export const BAR_ITEMS = { load: "get-50", pipeline: "pipeline" } as const

const everyone = clients.map(({ name }) => name)
const retrying = clients.filter((client) => client.retrying !== undefined).map(({ name }) => name)
const made = clients.filter(({ isMade }) => isMade).map(({ name }) => name)
const variants = (Object.keys(pipelineVariants) as PipelineVariant[]).filter((variant) => variant !== BARE)

const FETCH = "global fetch"
const OURS = "steadfetch on undici"

const thousands = (count: number): string => count.toLocaleString("en")

function loadItem(id: string, title: string, about: string, work: LoadWork): Item {
  return {
    id,
    title,
    about: () => about,
    order: "best first",
    reference: work.retries ? OURS : FETCH,
    measure: (surroundings) => measureLoad(work, work.retries ? retrying : everyone, surroundings),
  }
}

function jsonItem(kind: "get" | "post", concurrency: number): Item {
  const atOnce = concurrency === 1 ? "one after the other" : `${concurrency} at once`
  const sent = kind === "get" ? "" : " to a small JSON body"
  return loadItem(
    `${kind}-${concurrency}`,
    `Small JSON, ${kind.toUpperCase()}, ${atOnce}`,
    `The server answers${sent} with 150 bytes of JSON, which are parsed.`,
    { kind, concurrency, retries: false },
  )
}

/** Everything that is measured, in the order of the report. */
export const items: readonly Item[] = [
  ...[1, 50, 500].map((concurrency) => jsonItem("get", concurrency)),
  ...[1, 50, 500].map((concurrency) => jsonItem("post", concurrency)),
  loadItem("large", "A body of 1 MiB, GET, 10 at once", "The body is read as bytes.", {
    kind: "large",
    concurrency: 10,
    retries: false,
  }),
  loadItem(
    "unreliable",
    "20 % of answers are a 503, GET, 50 at once",
    `By chance ${FAILING_SHARE * 100} % of the server's answers are a 503 with \`Retry-After: 0\` and no body; the others are small JSON. Every client is told to retry at once, so that the work of retrying is measured and not the waiting. Calls are counted, not attempts.`,
    { kind: "unreliable", concurrency: 50, retries: true },
  ),
  {
    id: "creation",
    title: "Making a client",
    about: () => "An instance with a base URL and the client's defaults, over connections that exist.",
    order: "best first",
    reference: OURS,
    measure: (surroundings) => measureCreation(made, surroundings),
  },
  {
    id: "crowd",
    title: "A crowd of calls to a slow server",
    about: ({ crowdCalls }) =>
      `${thousands(crowdCalls)} calls begin at once; the server takes ${SLOW_MS} ms for each, and there are ${CROWD_CONNECTIONS} connections. Memory is the resident set of a process of its own, warmed up by 2,000 quick calls.`,
    order: "best first",
    reference: FETCH,
    measure: (surroundings) => measureCrowd(everyone, surroundings),
  },
  {
    id: "growth",
    title: "Memory that many calls leave behind",
    about: ({ growthCalls }) =>
      `How much more the process holds after ${thousands(growthCalls)} calls, ${GROWTH_CONCURRENCY} at once, than before, each time after garbage collection; the process is warm. Measured once.`,
    order: "best first",
    measure: (surroundings) => measureGrowth(everyone, surroundings),
  },
  {
    id: "allocation",
    title: "What a call allocates",
    about: ({ growthCalls }) =>
      `Bytes of the JavaScript heap per call, collected since or not, by V8's sampling profiler over ${thousands(growthCalls)} calls, ${GROWTH_CONCURRENCY} at once, in a warm process. Measured once.`,
    order: "best first",
    reference: FETCH,
    measure: (surroundings) => measureAllocation(everyone, surroundings),
  },
  {
    id: "allocation-sites",
    title: `Where ${OURS} allocates`,
    about: () =>
      "The same profile by function, those inlined into it included: the twenty that allocate most. What is not steadfetch's is undici's, Node's and the benchmark's own.",
    order: "as listed",
    measure: (surroundings) => measureAllocationSites(OURS, surroundings),
  },
  {
    id: BAR_ITEMS.pipeline,
    title: "The pipeline alone",
    about: () =>
      "What a pipeline adds to one successful call, beyond a transport that answers at once: without policies, with one of them, with the standard preset, and with the client on top. Every pipeline records its attempts, which is all that the one without policies does. Each in a process of its own, calls one after the other.",
    order: "as listed",
    measure: (surroundings) => measurePipeline(variants, surroundings),
  },
]
