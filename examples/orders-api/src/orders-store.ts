import type { Customer } from "./environment.ts"
import { ProblemError } from "./problem.ts"
import type { NewOrder, Order, OrderChange } from "./schemas.ts"
import type { Surroundings } from "./system.ts"

interface Row {
  /** Rises with every order; pages are cut by it, so that one deleted between two pages moves no other. */
  readonly sequence: number
  readonly customer: Customer
  order: Order
}

export interface Page {
  readonly orders: readonly Order[]
  /** The cursor of the next page; `undefined` on the last. */
  readonly next: number | undefined
}

export interface OrdersStore {
  create(customer: Customer, order: NewOrder): Order
  page(customer: Customer, after: number, limit: number): Page
  read(customer: Customer, id: string): Order
  replace(customer: Customer, id: string, order: NewOrder): Order
  change(customer: Customer, id: string, change: OrderChange): Order
  remove(customer: Customer, id: string): void
}

/** Orders in memory, each seen by its own customer alone. Throws `ProblemError`: no such order, or another customer's. */
export function ordersStore({ now, uuid }: Surroundings): OrdersStore {
  const rows = new Map<string, Row>()
  let sequence = 0

  function update(customer: Customer, id: string, newer: (order: Order) => Order): Order {
    const row = find(rows, customer, id)
    row.order = { ...newer(row.order), updatedAt: timestamp(now()) }
    return row.order
  }

  return {
    create(customer, content) {
      const createdAt = timestamp(now())
      const order: Order = { id: uuid(), status: "open", ...contentOf(content), createdAt, updatedAt: createdAt }
      sequence += 1
      rows.set(order.id, { sequence, customer, order })
      return order
    },
    page(customer, after, limit) {
      const rest = [...rows.values()].filter((row) => row.customer === customer && row.sequence > after)
      const shown = rest.slice(0, limit)
      const next = rest.length > limit ? shown.at(-1)?.sequence : undefined
      return { orders: shown.map((row) => row.order), next }
    },
    read: (customer, id) => find(rows, customer, id).order,
    replace: (customer, id, content) => update(customer, id, (order) => withContent(order, content)),
    change: (customer, id, change) => update(customer, id, (order) => merge(order, change)),
    remove: (customer, id) => void rows.delete(find(rows, customer, id).order.id),
  }
}

function find(rows: ReadonlyMap<string, Row>, customer: Customer, id: string): Row {
  const row = rows.get(id)
  if (row === undefined) throw new ProblemError("no-such-order", `There is no order "${id}".`)
  if (row.customer !== customer) {
    throw new ProblemError("other-customers-order", `The order "${id}" belongs to another customer.`)
  }
  return row
}

/** A merge patch leaves alone what it does not name and removes what it sets to null (RFC 7396). */
function merge(order: Order, { items = order.items, status = order.status, note = order.note }: OrderChange): Order {
  return withContent({ ...order, status }, note === undefined || note === null ? { items } : { items, note })
}

function withContent({ id, status, createdAt, updatedAt }: Order, content: NewOrder): Order {
  return { id, status, ...contentOf(content), createdAt, updatedAt }
}

function contentOf({ items, note }: NewOrder): Pick<Order, "items" | "note" | "totalCents"> {
  const totalCents = items.reduce((total, item) => total + item.quantity * item.unitPriceCents, 0)
  return { items, totalCents, ...(note === undefined ? {} : { note }) }
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}
