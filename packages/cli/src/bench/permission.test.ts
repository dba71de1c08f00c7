import { expect, test } from "vitest"
import { checkPermission } from "./permission.ts"

test.each([
  "http://localhost:3000/",
  "http://LOCALHOST/",
  "http://127.0.0.1/",
  "http://127.9.9.9:80/x",
  "http://127.1/",
  "http://2130706433/",
  "http://[::1]:3000/",
  "http://[0:0:0:0:0:0:0:1]/",
])("%s is this machine", (url) => {
  expect(() => checkPermission(url, false)).not.toThrow()
})

test.each([
  "https://api.example.com/",
  "http://10.0.0.7/",
  "http://192.168.1.1/",
  "http://172.16.0.1/",
  "http://169.254.169.254/",
  "http://[fe80::1]/",
  "http://[fd00::1]/",
  "http://0.0.0.0/",
  "http://localhost.example.com/",
  "http://127.0.0.1.example.com/",
  "http://app.localhost/",
  "http://database/",
  "http://128.0.0.1/",
])("%s needs a word that it may be loaded", (url) => {
  expect(() => checkPermission(url, false)).toThrow(
    `${new URL(url).host} is not this machine, and a load test can take a server down; if it is yours, or its owner agreed, add --yes-this-is-my-server`,
  )
  expect(() => checkPermission(url, true)).not.toThrow()
})
