// Generated from an OpenAPI document by steadfetch generate. Do not edit: generate it anew.
// @ts-nocheck
/* eslint-disable */
import type { Description } from "@steadfetch/openapi"

export interface paths {
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your orders, oldest first, in pages linked by the Link field */
        get: operations["listOrders"];
        put?: never;
        /** Make an order */
        post: operations["createOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One order */
        get: operations["readOrder"];
        /** Replace an order's items and note */
        put: operations["replaceOrder"];
        post?: never;
        /** Remove an order */
        delete: operations["removeOrder"];
        options?: never;
        head?: never;
        /** Change parts of an order */
        patch: operations["changeOrder"];
        trace?: never;
    };
    "/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Get a fresh access token for a refresh token (RFC 6749, section 6) */
        post: operations["refreshToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/problems/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a problem's type means and what to do about it */
        get: operations["readProblem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Order: {
            /** @example 5f0c2a4e-7f0b-4c7e-9a46-0d9a7d1f2b3c */
            id: string;
            /** @enum {string} */
            status: "open" | "paid" | "shipped" | "cancelled";
            items: components["schemas"]["OrderItem"][];
            note?: string;
            totalCents: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        OrderItem: {
            /** @example TEA-250 */
            sku: string;
            quantity: number;
            unitPriceCents: number;
        };
        /** @description RFC 9457 */
        Problem: {
            /** @description A URI reference to a page that explains the problem. */
            type: string;
            title: string;
            status: number;
            /** @description What went wrong this time, for a person to read. */
            detail: string;
            /** @description Names this occurrence; holds the x-request-id. */
            instance: string;
            errors?: {
                /** @example #/items/0/quantity */
                pointer?: string;
                parameter?: string;
                header?: string;
                detail: string;
            }[];
        };
        NewOrder: {
            items: components["schemas"]["OrderItem"][];
            note?: string;
        };
        /** @description A JSON merge patch (RFC 7396): null removes the note. */
        OrderChange: {
            items?: components["schemas"]["OrderItem"][];
            note?: string | null;
            /** @enum {string} */
            status?: "open" | "paid" | "shipped" | "cancelled";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listOrders: {
        parameters: {
            query?: {
                limit?: number;
                /** @description An opaque cursor: follow the Link field instead of making one. */
                after?: number;
            };
            header?: {
                /** @description Asks for trouble: `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id=a`, `slow;delay-ms=500`. `times` is counted by `id`, else by the Idempotency-Key. */
                Trouble?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of orders. */
            200: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description `first` and, but on the last page, `next`. */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"][];
                };
            };
            /** @description A query parameter is wrong; see `errors`. */
            400: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid bearer token; see WWW-Authenticate. */
            401: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JSON is not acceptable to the client. */
            406: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; Retry-After says when to come back. */
            429: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server met an unexpected condition. */
            500: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An upstream server gave an invalid reply. */
            502: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server is overloaded or in maintenance; Retry-After may say when to come back. */
            503: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Asks for trouble: `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id=a`, `slow;delay-ms=500`. `times` is counted by `id`, else by the Idempotency-Key. */
                Trouble?: string;
                /** @description Makes the request safe to send again: one key for one request, the same on every attempt. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrder"];
            };
        };
        responses: {
            /** @description The order was made. */
            201: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description The new order. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description The body is malformed or has wrong fields, listed in `errors`. */
            400: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid bearer token; see WWW-Authenticate. */
            401: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JSON is not acceptable to the client. */
            406: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The first request with this Idempotency-Key is still in progress: send the same again later. */
            409: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is larger than 100 KiB. */
            413: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a type that is not taken. */
            415: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Idempotency-Key was used with another request. */
            422: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; Retry-After says when to come back. */
            429: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server met an unexpected condition. */
            500: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An upstream server gave an invalid reply. */
            502: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server is overloaded or in maintenance; Retry-After may say when to come back. */
            503: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Asks for trouble: `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id=a`, `slow;delay-ms=500`. `times` is counted by `id`, else by the Idempotency-Key. */
                Trouble?: string;
            };
            path: {
                /** @description The order's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description No valid bearer token; see WWW-Authenticate. */
            401: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The order belongs to another customer. */
            403: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order. */
            404: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JSON is not acceptable to the client. */
            406: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; Retry-After says when to come back. */
            429: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server met an unexpected condition. */
            500: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An upstream server gave an invalid reply. */
            502: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server is overloaded or in maintenance; Retry-After may say when to come back. */
            503: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replaceOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Asks for trouble: `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id=a`, `slow;delay-ms=500`. `times` is counted by `id`, else by the Idempotency-Key. */
                Trouble?: string;
            };
            path: {
                /** @description The order's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrder"];
            };
        };
        responses: {
            /** @description The order as it is now. */
            200: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description The body is malformed or has wrong fields, listed in `errors`. */
            400: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid bearer token; see WWW-Authenticate. */
            401: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The order belongs to another customer. */
            403: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order. */
            404: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JSON is not acceptable to the client. */
            406: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is larger than 100 KiB. */
            413: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a type that is not taken. */
            415: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; Retry-After says when to come back. */
            429: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server met an unexpected condition. */
            500: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An upstream server gave an invalid reply. */
            502: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server is overloaded or in maintenance; Retry-After may say when to come back. */
            503: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Asks for trouble: `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id=a`, `slow;delay-ms=500`. `times` is counted by `id`, else by the Idempotency-Key. */
                Trouble?: string;
            };
            path: {
                /** @description The order's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order is gone. */
            204: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No valid bearer token; see WWW-Authenticate. */
            401: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The order belongs to another customer. */
            403: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order. */
            404: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; Retry-After says when to come back. */
            429: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server met an unexpected condition. */
            500: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An upstream server gave an invalid reply. */
            502: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server is overloaded or in maintenance; Retry-After may say when to come back. */
            503: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description Asks for trouble: `503;times=2;retry-after=1`, `502;when=after`, `drop;times=1;id=a`, `slow;delay-ms=500`. `times` is counted by `id`, else by the Idempotency-Key. */
                Trouble?: string;
                /** @description Makes the request safe to send again: one key for one request, the same on every attempt. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The order's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderChange"];
                "application/merge-patch+json": components["schemas"]["OrderChange"];
            };
        };
        responses: {
            /** @description The order as it is now. */
            200: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description The body is malformed or has wrong fields, listed in `errors`. */
            400: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No valid bearer token; see WWW-Authenticate. */
            401: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The order belongs to another customer. */
            403: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No such order. */
            404: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JSON is not acceptable to the client. */
            406: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The first request with this Idempotency-Key is still in progress: send the same again later. */
            409: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body is larger than 100 KiB. */
            413: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The body has a type that is not taken. */
            415: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Idempotency-Key was used with another request. */
            422: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many requests; Retry-After says when to come back. */
            429: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server met an unexpected condition. */
            500: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description An upstream server gave an invalid reply. */
            502: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The server is overloaded or in maintenance; Retry-After may say when to come back. */
            503: {
                headers: {
                    /** @description Names this reply. */
                    "x-request-id"?: string;
                    /** @description When to send it again. */
                    "Retry-After"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refreshToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": {
                    grant_type: string;
                    refresh_token: string;
                };
            };
        };
        responses: {
            /** @description A fresh access token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        access_token: string;
                        /** @enum {string} */
                        token_type: "Bearer";
                        /** @description How many requests the token is good for. */
                        expires_after_uses: number;
                    };
                };
            };
            /** @description Refused; `error` is one of RFC 6749, section 5.2. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        error: string;
                        error_description: string;
                    };
                };
            };
        };
    };
    readProblem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The explanation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description There is no such problem. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}

/** What the document says beyond its types; for `openapi()`. */
export const description: Description<paths, { "bearer": "bearer" }> = {
  servers: [{"url":"/"}],
  schemes: {"bearer":{"kind":"bearer"}},
  security: [],
  idempotencyKey: "Idempotency-Key",
  operations: {
    "GET /orders": {"security":[["bearer"]]},
    "POST /orders": {"security":[["bearer"]],"takesKey":true},
    "GET /orders/{id}": {"security":[["bearer"]]},
    "PUT /orders/{id}": {"security":[["bearer"]]},
    "PATCH /orders/{id}": {"security":[["bearer"]],"takesKey":true},
    "DELETE /orders/{id}": {"security":[["bearer"]]},
  },
}
