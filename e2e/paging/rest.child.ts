/** Reads the rest of a list from a cursor, and tells what it read. */
import { paging, steadfetch } from "steadfetch"

const { origin, from } = JSON.parse(process.argv[2] ?? "") as { origin: string; from: string }
const api = steadfetch({ baseUrl: origin, abilities: [paging] })
const issues = await api.get("/repos/ada/engine/issues").pages({ from }).collect<{ id: number }>()
process.stdout.write(JSON.stringify(issues.map(({ id }) => id)))
