/** Runs the suite in a worker, for a request that holds the place; replies with how each case ended. */
import { runSuite, type Place } from "../suite/index.ts"

export default {
  async fetch(request: Request): Promise<Response> {
    const place = (await request.json()) as Place
    return Response.json(await runSuite(place))
  },
}
