import type { OpenAPIHono } from "@hono/zod-openapi"
import type { Environment } from "./environment.ts"
import { changeOrder, createOrder, listOrders, readOrder, removeOrder, replaceOrder } from "./order-routes.ts"
import type { OrdersStore, Page } from "./orders-store.ts"

/** Serves the orders of `store` at `/orders`. */
export function serveOrders(app: OpenAPIHono<Environment>, store: OrdersStore): void {
  app.openapi(listOrders, (c) => {
    const { limit, after } = c.req.valid("query")
    const page = store.page(c.get("customer"), after, limit)
    c.header("Link", links(page, limit))
    return c.json([...page.orders], 200)
  })
  app.openapi(createOrder, (c) => {
    const order = store.create(c.get("customer"), c.req.valid("json"))
    c.header("Location", `/orders/${order.id}`)
    return c.json(order, 201)
  })
  app.openapi(readOrder, (c) => c.json(store.read(c.get("customer"), c.req.valid("param").id), 200))
  app.openapi(replaceOrder, (c) =>
    c.json(store.replace(c.get("customer"), c.req.valid("param").id, c.req.valid("json")), 200),
  )
  app.openapi(changeOrder, (c) =>
    c.json(store.change(c.get("customer"), c.req.valid("param").id, c.req.valid("json")), 200),
  )
  app.openapi(removeOrder, (c) => {
    store.remove(c.get("customer"), c.req.valid("param").id)
    return c.body(null, 204)
  })
}

/** Web links (RFC 8288), relative so that they hold behind any proxy. */
function links(page: Page, limit: number): string {
  const first = `</orders?limit=${limit}>; rel="first"`
  return page.next === undefined ? first : `${first}, </orders?limit=${limit}&after=${page.next}>; rel="next"`
}
