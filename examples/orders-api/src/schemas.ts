import { z } from "@hono/zod-openapi"

// Every message is written to follow the field's name: "note must be text".
const phrase = (rule: string) => ({
  error: (issue: { readonly input?: unknown }) => (issue.input === undefined ? "is required" : rule),
})

const skuRule = "must be 2 to 32 capital letters, digits or hyphens, such as TEA-250"
const quantityRule = "must be a whole number from 1 to 999"
const priceRule = "must be a whole number of cents from 0 to 10000000"
const itemsRule = "must be a list of 1 to 50 items"
const noteRule = "must be text of at most 500 characters"

const orderItem = z
  .strictObject(
    {
      sku: z
        .string(phrase(skuRule))
        .regex(/^[A-Z0-9-]{2,32}$/, skuRule)
        .openapi({ example: "TEA-250" }),
      quantity: z.int(phrase(quantityRule)).min(1, quantityRule).max(999, quantityRule),
      unitPriceCents: z.int(phrase(priceRule)).min(0, priceRule).max(10_000_000, priceRule),
    },
    phrase("must be an object with sku, quantity and unitPriceCents"),
  )
  .openapi("OrderItem")

const items = z.array(orderItem, phrase(itemsRule)).min(1, itemsRule).max(50, itemsRule)
const note = z.string(phrase(noteRule)).max(500, noteRule)
const status = z.enum(["open", "paid", "shipped", "cancelled"], phrase("must be open, paid, shipped or cancelled"))

export const newOrder = z
  .strictObject({ items, note: note.optional() }, phrase("must be an object with items"))
  .openapi("NewOrder")

export const orderChange = z
  .strictObject(
    { items: items.optional(), note: note.nullable().optional(), status: status.optional() },
    phrase("must be an object with items, note or status"),
  )
  .openapi("OrderChange", { description: "A JSON merge patch (RFC 7396): null removes the note." })

export const order = z
  .object({
    id: z.string().openapi({ example: "5f0c2a4e-7f0b-4c7e-9a46-0d9a7d1f2b3c" }),
    status,
    items: z.array(orderItem),
    note: note.optional(),
    totalCents: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi("Order")

export type NewOrder = z.infer<typeof newOrder>
export type OrderChange = z.infer<typeof orderChange>
export type Order = z.infer<typeof order>

const limitRule = "must be a whole number from 1 to 100"
const afterRule = "must be the cursor of a Link field"

export const pageQuery = z.object({
  limit: z.coerce.number(phrase(limitRule)).int(limitRule).min(1, limitRule).max(100, limitRule).default(20),
  after: z.coerce
    .number(phrase(afterRule))
    .int(afterRule)
    .min(0, afterRule)
    .default(0)
    // In full, since the generator takes a null that is coerced to 0 for a nullable.
    .openapi({
      type: "integer",
      minimum: 0,
      default: 0,
      description: "An opaque cursor: follow the Link field instead of making one.",
    }),
})

export const problem = z
  .object({
    type: z.string().openapi({ description: "A URI reference to a page that explains the problem." }),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: "What went wrong this time, for a person to read." }),
    instance: z.string().openapi({ description: "Names this occurrence; holds the x-request-id." }),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().openapi({ example: "#/items/0/quantity" }),
          parameter: z.string().optional(),
          header: z.string().optional(),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .openapi("Problem", { description: "RFC 9457" })
