/** Runs the suite in a runtime that has processes, and prints how each case ended. */
import process from "node:process"
import { runSuite, type Place } from "../suite/index.ts"

const place = JSON.parse(process.argv[2] ?? "") as Place
process.stdout.write(JSON.stringify(await runSuite(place)))
