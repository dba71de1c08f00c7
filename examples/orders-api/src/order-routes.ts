import { createRoute, z } from "@hono/zod-openapi"
import { newOrder, order, orderChange, pageQuery, problem } from "./schemas.ts"

const bearer = [{ bearer: [] }]
const orderPath = z.object({ id: z.string().openapi({ description: "The order's id." }) })
const requestId = { "x-request-id": { schema: { type: "string" as const }, description: "Names this reply." } }

const troubleField = z
  .string()
  .optional()
  .openapi({
    description:
      "Asks for trouble: `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id=a`, `slow;delay-ms=500`. " +
      "`times` is counted by `id`, else by the Idempotency-Key.",
  })
const everyRequest = z.object({ Trouble: troubleField })
const keyedRequest = z.object({
  Trouble: troubleField,
  "Idempotency-Key": z.string().optional().openapi({
    description: "Makes the request safe to send again: one key for one request, the same on every attempt.",
  }),
})

const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({ "application/json": { schema } })

const orderReply = (description: string) => ({
  description,
  headers: requestId,
  content: jsonBody(order),
})

const problemOf = (description: string) => ({
  description,
  headers: requestId,
  content: { "application/problem+json": { schema: problem } },
})

const retryAfter = { "Retry-After": { schema: { type: "string" as const }, description: "When to send it again." } }

const waitOf = (description: string) => ({
  ...problemOf(description),
  headers: { ...requestId, ...retryAfter },
})

const problemsOfAll = {
  401: {
    ...problemOf("No valid bearer token; see WWW-Authenticate."),
    headers: { ...requestId, "WWW-Authenticate": { schema: { type: "string" as const } } },
  },
  429: waitOf("Too many requests; Retry-After says when to come back."),
  500: problemOf("The server met an unexpected condition."),
  502: problemOf("An upstream server gave an invalid reply."),
  503: waitOf("The server is overloaded or in maintenance; Retry-After may say when to come back."),
}
const notAcceptable = { 406: problemOf("JSON is not acceptable to the client.") }
const problemsOfOne = { 403: problemOf("The order belongs to another customer."), 404: problemOf("No such order.") }
const problemsOfBody = {
  400: problemOf("The body is malformed or has wrong fields, listed in `errors`."),
  413: problemOf("The body is larger than 100 KiB."),
  415: problemOf("The body has a type that is not taken."),
}
const problemsOfKey = {
  409: waitOf("The first request with this Idempotency-Key is still in progress: send the same again later."),
  422: problemOf("The Idempotency-Key was used with another request."),
}

export const listOrders = createRoute({
  method: "get",
  path: "/orders",
  operationId: "listOrders",
  summary: "Your orders, oldest first, in pages linked by the Link field",
  security: bearer,
  request: { headers: everyRequest, query: pageQuery },
  responses: {
    200: {
      description: "A page of orders.",
      headers: {
        ...requestId,
        Link: { schema: { type: "string" as const }, description: "`first` and, but on the last page, `next`." },
      },
      content: jsonBody(z.array(order)),
    },
    400: problemOf("A query parameter is wrong; see `errors`."),
    ...notAcceptable,
    ...problemsOfAll,
  },
})

export const createOrder = createRoute({
  method: "post",
  path: "/orders",
  operationId: "createOrder",
  summary: "Make an order",
  security: bearer,
  request: { headers: keyedRequest, body: { required: true, content: jsonBody(newOrder) } },
  responses: {
    201: {
      ...orderReply("The order was made."),
      headers: { ...requestId, Location: { schema: { type: "string" as const }, description: "The new order." } },
    },
    ...problemsOfBody,
    ...notAcceptable,
    ...problemsOfKey,
    ...problemsOfAll,
  },
})

export const readOrder = createRoute({
  method: "get",
  path: "/orders/{id}",
  operationId: "readOrder",
  summary: "One order",
  security: bearer,
  request: { headers: everyRequest, params: orderPath },
  responses: { 200: orderReply("The order."), ...problemsOfOne, ...notAcceptable, ...problemsOfAll },
})

export const replaceOrder = createRoute({
  method: "put",
  path: "/orders/{id}",
  operationId: "replaceOrder",
  summary: "Replace an order's items and note",
  security: bearer,
  request: { headers: everyRequest, params: orderPath, body: { required: true, content: jsonBody(newOrder) } },
  responses: {
    200: orderReply("The order as it is now."),
    ...problemsOfBody,
    ...problemsOfOne,
    ...notAcceptable,
    ...problemsOfAll,
  },
})

export const changeOrder = createRoute({
  method: "patch",
  path: "/orders/{id}",
  operationId: "changeOrder",
  summary: "Change parts of an order",
  security: bearer,
  request: {
    headers: keyedRequest,
    params: orderPath,
    body: {
      required: true,
      content: { ...jsonBody(orderChange), "application/merge-patch+json": { schema: orderChange } },
    },
  },
  responses: {
    200: orderReply("The order as it is now."),
    ...problemsOfBody,
    ...problemsOfOne,
    ...notAcceptable,
    ...problemsOfKey,
    ...problemsOfAll,
  },
})

export const removeOrder = createRoute({
  method: "delete",
  path: "/orders/{id}",
  operationId: "removeOrder",
  summary: "Remove an order",
  security: bearer,
  request: { headers: everyRequest, params: orderPath },
  responses: { 204: { description: "The order is gone.", headers: requestId }, ...problemsOfOne, ...problemsOfAll },
})
