/** Runs the suite in a web page, and tells the desk how each case ended. */
import { runSuite, type Place } from "../suite/index.ts"

const complaints: string[] = []
addEventListener("unhandledrejection", ({ reason }) => complaints.push(String(reason)))

const place = (await (await fetch("/place")).json()) as Place
const ends = await runSuite(place)
const unheard = complaints.map((failure) => ({ group: "events", name: "no rejection goes unhandled", failure }))
await fetch("/ends", { method: "POST", body: JSON.stringify([...ends, ...unheard]) })
