import type { OpenAPIHono } from "@hono/zod-openapi"
import { createRoute, z } from "@hono/zod-openapi"
import type { TokenBook } from "./customer-tokens.ts"
import type { Environment } from "./environment.ts"

const refusal = z.object({ error: z.string(), error_description: z.string() })

const refreshToken = createRoute({
  method: "post",
  path: "/token",
  operationId: "refreshToken",
  summary: "Get a fresh access token for a refresh token (RFC 6749, section 6)",
  request: {
    body: {
      required: true,
      content: {
        "application/x-www-form-urlencoded": {
          schema: z.object({ grant_type: z.string(), refresh_token: z.string() }),
        },
      },
    },
  },
  responses: {
    200: {
      description: "A fresh access token.",
      content: {
        "application/json": {
          schema: z.object({
            access_token: z.string(),
            token_type: z.literal("Bearer"),
            expires_after_uses: z.int().openapi({ description: "How many requests the token is good for." }),
          }),
        },
      },
    },
    400: {
      description: "Refused; `error` is one of RFC 6749, section 5.2.",
      content: { "application/json": { schema: refusal } },
    },
  },
})

/** Serves `POST /token`, where a refresh token buys a fresh short-lived access token. */
export function serveTokens(app: OpenAPIHono<Environment>, book: TokenBook, usesPerToken: number): void {
  app.openapi(
    refreshToken,
    (c) => {
      c.header("Cache-Control", "no-store")
      const form = c.req.valid("form")
      if (form.grant_type !== "refresh_token") {
        const error_description = "grant_type must be refresh_token"
        return c.json({ error: "unsupported_grant_type", error_description }, 400)
      }
      const token = book.refresh(form.refresh_token)
      if (token === undefined) {
        return c.json({ error: "invalid_grant", error_description: "the refresh token is not one of ours" }, 400)
      }
      return c.json({ access_token: token, token_type: "Bearer" as const, expires_after_uses: usesPerToken }, 200)
    },
    (result, c) => {
      if (result.success) return undefined
      const error_description = "send grant_type and refresh_token, each once, as a form"
      return c.json({ error: "invalid_request", error_description }, 400, { "Cache-Control": "no-store" })
    },
  )
}
