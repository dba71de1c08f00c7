import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Feed } from "./feed.ts"
import { OutboxPages } from "./outbox/outbox-pages.ts"
import type { WatchedOutbox } from "./outbox/watched-outbox.ts"
import { FIELDS, plain } from "./plain.ts"
import type { Program } from "./program.ts"

/** From the build and from the sources alike. */
const FOLDER = ["./page/", "../dist/page/"]
  .map((path) => new URL(path, import.meta.url))
  .find((folder) => existsSync(folder))

/** The page's files, and nothing else: no path is made of what a request says. */
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/watch.js": ["watch.js", "text/javascript; charset=utf-8"],
  "/watch.css": ["watch.css", "text/css; charset=utf-8"],
}

/** The page and its feed, for a server of somebody else's. */
export interface Page {
  /**
   * Answers a request, which its server has let in: GET, and what the page posts to change entries of an outbox.
   * @param path Its path below the page's, without query: "", "/", "/feed" …
   */
  answer(req: IncomingMessage, res: ServerResponse, path: string): Promise<void>
  /** How many look at it now. */
  readonly viewers: number
  /** Ends all feeds. */
  close(): void
}

/** Options of {@link page}. */
export interface PageOptions {
  /** Whose entries are shown beside the calls, and can be changed there. */
  readonly outbox?: WatchedOutbox | undefined
}

/** The page that shows these programs; asked for anew whenever something is told. */
export function page(programs: () => readonly Program[], { outbox }: PageOptions = {}): Page {
  const feed = new Feed(programs, outbox !== undefined)
  const pages = outbox && new OutboxPages(outbox)
  return {
    async answer(req, res, path) {
      if (pages !== undefined && /^\/outbox(\/[\w-]*)?$/.test(path))
        return pages.answer(req, res, path.slice("/outbox".length))
      if (req.method !== "GET" && req.method !== "HEAD") return plain(res, 405, "only GET and HEAD\n")
      if (path === "") {
        const own = (req.url ?? "").replace(/\?.*/s, "")
        res.writeHead(308, { ...FIELDS, Location: `${own.replace(/^.*\//s, "./")}/` }).end()
        return
      }
      const query = new URLSearchParams(/\?(.*)/s.exec(req.url ?? "")?.[1])
      if (path === "/feed" && req.method === "GET") return feed.open(res, query.get("program") ?? undefined)
      const [file, type] = (Object.hasOwn(FILES, path) ? FILES[path] : undefined) ?? []
      if (file === undefined || type === undefined) return plain(res, 404, "there is no such page\n")
      if (FOLDER === undefined) return plain(res, 503, "the page is not built: npm run build\n")
      const content = await readFile(new URL(file, FOLDER))
      res.writeHead(200, { ...FIELDS, "Content-Type": type, "Content-Length": content.length }).end(content)
    },
    get viewers() {
      return feed.viewers
    },
    close: () => feed.close(),
  }
}
