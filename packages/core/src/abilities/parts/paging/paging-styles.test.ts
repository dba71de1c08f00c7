import { rehearse } from "@steadfetch/testing"
import { describe, expect, test } from "vitest"
import {
  byCursor,
  byLink,
  byNextUrl,
  byOffset,
  byPage,
  paging,
  type PagesOptions,
  type PagingStyle,
  type RequestOptions,
} from "../../../index.ts"

/** A page as a server sends it. */
interface Sent {
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

interface Asked extends RequestOptions {
  readonly method?: string
  readonly url?: string
}

/** An API with the pages that it sends for a list of the items 1, 2, 3, and what each page is asked for with. */
interface Api {
  readonly name: string
  readonly style: PagingStyle
  /** The name that detection gives it; undefined where it cannot be known from a first page. */
  readonly detected: string | undefined
  readonly call?: Asked
  readonly options?: PagesOptions
  readonly pages: readonly Sent[]
  /** Method, path and query, and the JSON body where there is one. */
  readonly asks: readonly string[]
  readonly total?: number
}

const [one, two, three] = [{ id: 1 }, { id: 2 }, { id: 3 }]
const graphql = (nodes: readonly object[], endCursor: string | null) => ({
  body: { data: { users: { nodes, pageInfo: { hasNextPage: endCursor !== null, endCursor } } } },
})

const apis: readonly Api[] = [
  {
    name: "GitHub",
    style: byLink(),
    detected: "link",
    pages: [
      {
        body: [one, two],
        headers: { link: '<https://api.test/repositories/7/issues?page=2>; rel="next", <https://api.test/repositories/7/issues?page=2>; rel="last"' },
      },
      { body: [three], headers: { link: '<https://api.test/list?page=1>; rel="prev", <https://api.test/list?page=1>; rel="first"' } },
    ],
    asks: ["GET /list", "GET /repositories/7/issues?page=2"],
  },
  {
    name: "GitHub, whose search has its list in an object",
    style: byLink(),
    detected: "link",
    pages: [
      { body: { total_count: 3, incomplete_results: false, items: [one, two] }, headers: { link: '</search?page=2>; rel="next"' } },
      { body: { total_count: 3, incomplete_results: false, items: [three] }, headers: { link: '</search?page=1>; rel="prev"' } },
    ],
    asks: ["GET /list", "GET /search?page=2"],
    total: 3,
  },
  {
    name: "GitLab",
    style: byLink(),
    detected: "link",
    pages: [
      { body: [one, two], headers: { "link": "<?page=2&per_page=2>; rel=next", "x-page": "1", "x-total-pages": "2", "x-total": "3" } },
      { body: [three], headers: { "link": "<?page=1&per_page=2>; rel=prev", "x-page": "2", "x-total-pages": "2", "x-total": "3" } },
    ],
    asks: ["GET /list", "GET /list?page=2&per_page=2"],
    total: 3,
  },
  {
    name: "Stripe",
    style: byCursor({ lastItem: "id", more: "has_more", query: "starting_after" }),
    detected: "stripe",
    call: { query: { limit: 2 } },
    pages: [
      { body: { object: "list", url: "/v1/customers", has_more: true, data: [one, two] } },
      { body: { object: "list", url: "/v1/customers", has_more: false, data: [three] } },
    ],
    asks: ["GET /list?limit=2", "GET /list?limit=2&starting_after=2"],
  },
  {
    name: "Slack",
    style: byCursor({ cursor: "response_metadata.next_cursor", query: "cursor" }),
    detected: "slack",
    call: { query: { limit: 2 } },
    pages: [
      { body: { ok: true, members: [one, two], cache_ts: 1498777272, response_metadata: { next_cursor: "dXNlcjpVMEc5V0ZYTlo=" } } },
      { body: { ok: true, members: [three], cache_ts: 1498777272, response_metadata: { next_cursor: "" } } },
    ],
    asks: ["GET /list?limit=2", "GET /list?limit=2&cursor=dXNlcjpVMEc5V0ZYTlo%3D"],
  },
  {
    name: "OpenAI",
    style: byCursor({ cursor: "last_id", more: "has_more", query: "after" }),
    detected: "openai",
    pages: [
      { body: { object: "list", data: [one, two], first_id: "file-1", last_id: "file-2", has_more: true } },
      { body: { object: "list", data: [three], first_id: "file-3", last_id: "file-3", has_more: false } },
    ],
    asks: ["GET /list", "GET /list?after=file-2"],
  },
  {
    name: "Anthropic",
    style: byCursor({ cursor: "last_id", more: "has_more", query: "after_id" }),
    detected: "anthropic",
    pages: [
      { body: { data: [one, two], has_more: true, first_id: "msgbatch_1", last_id: "msgbatch_2" } },
      { body: { data: [three], has_more: false, first_id: "msgbatch_3", last_id: "msgbatch_3" } },
    ],
    asks: ["GET /list", "GET /list?after_id=msgbatch_2"],
  },
  {
    name: "Google",
    style: byCursor({ cursor: "nextPageToken", query: "pageToken" }),
    detected: "google",
    pages: [
      { body: { kind: "drive#fileList", incompleteSearch: false, files: [one, two], nextPageToken: "~!!~AI9" } },
      { body: { kind: "drive#fileList", incompleteSearch: false, files: [three] } },
    ],
    asks: ["GET /list", "GET /list?pageToken=%7E%21%21%7EAI9"],
  },
  {
    name: "Notion, asked with GET",
    style: byCursor({ cursor: "next_cursor", more: "has_more", query: "start_cursor" }),
    detected: "notion",
    pages: [
      { body: { object: "list", results: [one, two], next_cursor: "fe2cc560", has_more: true, type: "block", block: {} } },
      { body: { object: "list", results: [three], next_cursor: null, has_more: false, type: "block", block: {} } },
    ],
    asks: ["GET /list", "GET /list?start_cursor=fe2cc560"],
  },
  {
    name: "Notion, asked with POST",
    style: byCursor({ cursor: "next_cursor", more: "has_more", json: "start_cursor" }),
    detected: "notion",
    call: { method: "POST", json: { page_size: 2, filter: { property: "Done" } } },
    pages: [
      { body: { object: "list", results: [one, two], next_cursor: "fe2cc560", has_more: true, type: "page_or_database" } },
      { body: { object: "list", results: [three], next_cursor: null, has_more: false, type: "page_or_database" } },
    ],
    asks: [
      'POST /list {"page_size":2,"filter":{"property":"Done"}}',
      'POST /list {"page_size":2,"filter":{"property":"Done"},"start_cursor":"fe2cc560"}',
    ],
  },
  {
    name: "Elasticsearch with search_after",
    style: byCursor({
      cursor: (body) => (body as { hits: { hits: { sort: unknown }[] } }).hits.hits.at(-1)?.sort,
      json: "search_after",
    }),
    detected: undefined,
    call: { method: "POST", json: { size: 2, sort: ["at", "id"] } },
    options: { items: "hits.hits" },
    pages: [
      { body: { took: 1, hits: { total: { value: 3 }, hits: [{ ...one, sort: [10, "a"] }, { ...two, sort: [10, "b"] }] } } },
      { body: { took: 1, hits: { total: { value: 3 }, hits: [{ ...three, sort: [11, "a"] }] } } },
      { body: { took: 1, hits: { total: { value: 3 }, hits: [] } } },
    ],
    asks: [
      'POST /list {"size":2,"sort":["at","id"]}',
      'POST /list {"size":2,"sort":["at","id"],"search_after":[10,"b"]}',
      'POST /list {"size":2,"sort":["at","id"],"search_after":[11,"a"]}',
    ],
  },
  {
    name: "GraphQL",
    style: byCursor({ cursor: "data.users.pageInfo.endCursor", more: "data.users.pageInfo.hasNextPage", json: "variables.after" }),
    detected: undefined,
    call: { method: "POST", json: { query: "q", variables: { first: 2 } } },
    options: { items: "data.users.nodes" },
    pages: [graphql([one, two], "Y3Vyc29yOnYy"), graphql([three], null)],
    asks: [
      'POST /list {"query":"q","variables":{"first":2}}',
      'POST /list {"query":"q","variables":{"first":2,"after":"Y3Vyc29yOnYy"}}',
    ],
  },
  {
    name: "HubSpot",
    style: byCursor({ cursor: "paging.next.after", query: "after" }),
    detected: "hubspot",
    pages: [
      { body: { results: [one, two], paging: { next: { after: "NTI1", link: "?after=NTI1" } } } },
      { body: { results: [three] } },
    ],
    asks: ["GET /list", "GET /list?after=NTI1"],
  },
  {
    name: "Django REST framework",
    style: byNextUrl("next"),
    detected: "next",
    pages: [
      { body: { count: 3, next: "https://api.test/list?page=2", previous: null, results: [one, two] } },
      { body: { count: 3, next: null, previous: "https://api.test/list", results: [three] } },
    ],
    asks: ["GET /list", "GET /list?page=2"],
    total: 3,
  },
  {
    name: "JSON:API",
    style: byNextUrl("links.next"),
    detected: "jsonapi",
    pages: [
      { body: { links: { self: "/list", next: "/list?page[after]=2" }, data: [one, two], included: [{ type: "people" }] } },
      { body: { links: { self: "/list?page[after]=2", next: null }, data: [three], included: [] } },
    ],
    asks: ["GET /list", "GET /list?page[after]=2"],
  },
  {
    name: "JSON:API with link objects",
    style: byNextUrl("links.next"),
    detected: "jsonapi",
    pages: [
      { body: { links: { next: { href: "https://api.test/list?page[number]=2", meta: {} } }, data: [one, two] } },
      { body: { links: { self: "https://api.test/list" }, data: [three] } },
    ],
    asks: ["GET /list", "GET /list?page[number]=2"],
  },
  {
    name: "HAL",
    style: byNextUrl("_links.next"),
    detected: "hal",
    pages: [
      { body: { _links: { self: { href: "/list" }, next: { href: "/list?page=2" } }, total: 3, _embedded: { orders: [one, two] } } },
      { body: { _links: { self: { href: "/list?page=2" } }, total: 3, _embedded: { orders: [three] } } },
    ],
    asks: ["GET /list", "GET /list?page=2"],
    total: 3,
  },
  {
    name: "OData, Microsoft Graph",
    style: byNextUrl("@odata.nextLink"),
    detected: "@odata.nextLink",
    pages: [
      { body: { "@odata.context": "x", "@odata.count": 3, "@odata.nextLink": "https://api.test/list?$skiptoken=X%274453%27", "value": [one, two] } },
      { body: { "@odata.context": "x", "@odata.count": 3, "value": [three] } },
    ],
    asks: ["GET /list", "GET /list?$skiptoken=X%274453%27"],
    total: 3,
  },
  {
    name: "Azure",
    style: byNextUrl("nextLink"),
    detected: "nextLink",
    pages: [
      { body: { value: [one, two], nextLink: "https://api.test/subscriptions?api-version=2022-12-01&%24skiptoken=abc" } },
      { body: { value: [three] } },
    ],
    asks: ["GET /list", "GET /subscriptions?api-version=2022-12-01&%24skiptoken=abc"],
  },
  {
    name: "Salesforce",
    style: byNextUrl("nextRecordsUrl"),
    detected: "salesforce",
    call: { query: { q: "SELECT Id FROM Account" } },
    pages: [
      { body: { totalSize: 3, done: false, nextRecordsUrl: "/services/data/v63.0/query/01gD0000002HU6KIAW-2000", records: [one, two] } },
      { body: { totalSize: 3, done: true, records: [three] } },
    ],
    asks: ["GET /list?q=SELECT+Id+FROM+Account", "GET /services/data/v63.0/query/01gD0000002HU6KIAW-2000"],
    total: 3,
  },
  {
    name: "Facebook",
    style: byNextUrl("paging.next"),
    detected: "paging.next",
    pages: [
      { body: { data: [one, two], paging: { cursors: { before: "b", after: "a" }, next: "https://api.test/v21/me?after=a" } } },
      { body: { data: [three], paging: { cursors: { before: "b", after: "a" } } } },
    ],
    asks: ["GET /list", "GET /v21/me?after=a"],
  },
  {
    name: "Twilio",
    style: byNextUrl("next_page_uri"),
    detected: "next_page_uri",
    pages: [
      { body: { calls: [one, two], next_page_uri: "/2010-04-01/Calls.json?Page=1&PageToken=PA1", page: 0, page_size: 2 } },
      { body: { calls: [three], next_page_uri: null, page: 1, page_size: 2 } },
    ],
    asks: ["GET /list", "GET /2010-04-01/Calls.json?Page=1&PageToken=PA1"],
  },
  {
    name: "Laravel",
    style: byNextUrl("next_page_url"),
    detected: "next_page_url",
    pages: [
      { body: { current_page: 1, data: [one, two], next_page_url: "https://api.test/list?page=2", links: [{ url: null }], total: 3 } },
      { body: { current_page: 2, data: [three], next_page_url: null, links: [{ url: null }], total: 3 } },
    ],
    asks: ["GET /list", "GET /list?page=2"],
    total: 3,
  },
  {
    name: "page and total_pages",
    style: byPage({ totalPages: "total_pages" }),
    detected: "page",
    pages: [
      { body: { page: 1, per_page: 2, total: 3, total_pages: 2, data: [one, two] } },
      { body: { page: 2, per_page: 2, total: 3, total_pages: 2, data: [three] } },
    ],
    asks: ["GET /list", "GET /list?page=2"],
    total: 3,
  },
  {
    name: "page and total_pages below meta, from the page that the call names",
    style: byPage({ totalPages: "meta.total_pages" }),
    detected: "page",
    call: { query: { page: 3, q: "x" } },
    pages: [
      { body: { users: [one, two], meta: { current_page: 3, total_pages: 4, total_count: 7 } } },
      { body: { users: [three], meta: { current_page: 4, total_pages: 4, total_count: 7 } } },
    ],
    asks: ["GET /list?page=3&q=x", "GET /list?q=x&page=4"],
    total: 7,
  },
  {
    name: "X-Total-Pages",
    style: byPage({ totalPages: (_, reply) => reply.headers.get("x-total-pages") }),
    detected: "page",
    pages: [
      { body: [one, two], headers: { "x-page": "1", "x-total-pages": "2", "x-total-count": "3" } },
      { body: [three], headers: { "x-page": "2", "x-total-pages": "2", "x-total-count": "3" } },
    ],
    asks: ["GET /list", "GET /list?page=2"],
    total: 3,
  },
  {
    name: "page numbers until a page is empty",
    style: byPage(),
    detected: undefined,
    pages: [{ body: [one, two] }, { body: [three] }, { body: [] }],
    asks: ["GET /list", "GET /list?page=2", "GET /list?page=3"],
  },
  {
    name: "page numbers from 0, with a flag",
    style: byPage({ query: "pageIndex", first: 0, more: "hasNext" }),
    detected: undefined,
    pages: [{ body: { rows: [one, two], hasNext: true } }, { body: { rows: [three], hasNext: false } }],
    asks: ["GET /list", "GET /list?pageIndex=1"],
  },
  {
    name: "page numbers from 0 and how many there are, as Spring says it",
    style: byPage({ first: 0, totalPages: "totalPages" }),
    detected: undefined,
    pages: [
      { body: { content: [one, two], number: 0, totalPages: 2, pageable: { offset: 0 } } },
      { body: { content: [three], number: 1, totalPages: 2, pageable: { offset: 2 } } },
    ],
    asks: ["GET /list", "GET /list?page=1"],
  },
  {
    name: "offset and limit",
    style: byOffset({ total: "total" }),
    detected: "offset",
    call: { query: { limit: 2 } },
    pages: [
      { body: { items: [one, two], offset: 0, limit: 2, total: 3 } },
      { body: { items: [three], offset: 2, limit: 2, total: 3 } },
    ],
    asks: ["GET /list?limit=2", "GET /list?limit=2&offset=2"],
    total: 3,
  },
  {
    name: "offset until a page is empty, in a JSON body",
    style: byOffset({ json: "from" }),
    detected: undefined,
    call: { method: "POST", json: { from: 10 } },
    pages: [{ body: [one, two] }, { body: [three] }, { body: [] }],
    asks: ['POST /list {"from":10}', 'POST /list {"from":12}', 'POST /list {"from":13}'],
  },
] // prettier-ignore

/** What a server of these pages is asked, and what came of it. */
async function collected({ call = {}, options = {}, pages }: Api, by: PagingStyle | undefined) {
  const { api, server, run } = rehearse({ abilities: [paging] })
  for (const { body, headers = {} } of pages) server.replies(200, { body: { json: body }, headers })
  const { method = "GET", url = "/list", ...rest } = call
  const list = api.request(method, url, rest).pages<{ id: number }>({ ...options, by })
  const read = (async () => {
    const all = []
    for await (const page of list) all.push(page)
    return all
  })()
  const all = await run(read)
  server.verify()
  const asks = server.requests.map((request) => {
    const body = request.text()
    return `${request.method} ${request.url.replace("https://api.test", "")}${body === "" ? "" : ` ${body}`}`
  })
  return { all, asks, ids: all.flatMap(({ items }) => items.map(({ id }) => id)) }
}

test.each(apis.filter(({ detected }) => detected !== undefined))("$name is known by its first page", async (api) => {
  const { all, asks, ids } = await collected(api, undefined)
  expect([asks, ids]).toEqual([api.asks, [1, 2, 3]])
  expect(all[1]?.cursor.split(":", 1)).toEqual([api.detected])
})

describe.each(apis)("$name", (api) => {
  test("is read whole, in order, when its style is given", async () => {
    const { all, asks, ids } = await collected(api, api.style)
    expect(asks).toEqual(api.asks)
    expect(ids).toEqual([1, 2, 3])
    expect(all[0]?.total).toBe(api.total)
    expect(all.at(-1)?.next).toBe(undefined)
  })

  test("goes on from a cursor as if it had never stopped", async () => {
    const { all } = await collected(api, api.detected === undefined ? api.style : undefined)
    const by = api.detected === undefined ? api.style : undefined
    for (const [index, { cursor }] of all.entries()) {
      const rest = await collected(
        { ...api, pages: api.pages.slice(index), options: { ...api.options, from: cursor } },
        by,
      )
      expect(rest.asks).toEqual(api.asks.slice(index))
      expect(rest.all.map(({ cursor }) => cursor)).toEqual(all.slice(index).map(({ cursor }) => cursor))
    }
  })
})
