import type { ServerResponse } from "node:http"

/** What every answer forbids browsers. */
export const FIELDS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
}

/** Says something in words. */
export function plain(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, { ...FIELDS, "Content-Type": "text/plain; charset=utf-8" }).end(text)
}
