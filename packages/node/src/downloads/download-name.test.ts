import * as fc from "fast-check"
import { expect, test } from "vitest"
import { downloadName } from "./download-name.ts"

const URL_OF = "https://api.test/files/report%202026.pdf?sig=a/b#x"

test.each<[string | null, string, string]>([
  ['attachment; filename="a.txt"', URL_OF, "a.txt"],
  ["attachment; filename=a.txt", URL_OF, "a.txt"],
  ['attachment; FileName="a \\"b\\".txt"', URL_OF, "a _b_.txt"],
  ["attachment; filename=plain.txt; filename*=UTF-8''%e2%82%ac%20rates.txt", URL_OF, "€ rates.txt"],
  ["attachment; filename*=iso-8859-1'en'%A3%20rates.txt; filename=plain.txt", URL_OF, "£ rates.txt"],
  ["attachment; filename*=koi8-r''%e2; filename=plain.txt", URL_OF, "plain.txt"],
  ["attachment; filename*=UTF-8''%zz.txt", URL_OF, "%zz.txt"],
  ['attachment; filename="â\u0082¬.txt"', URL_OF, "€.txt"],
  ['attachment; filename="Gr\u00fc\u00dfe.txt"', URL_OF, "Grüße.txt"],
  ["attachment", URL_OF, "report 2026.pdf"],
  ["inline; name=x", URL_OF, "report 2026.pdf"],
  [null, URL_OF, "report 2026.pdf"],
  [null, "https://api.test", "download"],
  [null, "https://api.test/", "download"],
  [null, "https://api.test/files/?name=x", "download"],
  [null, "https://api.test/%E0%A4%A", "%E0%A4%A"],
])("%s of %s is named %s", (disposition, url, name) => {
  expect(downloadName(disposition, url)).toBe(name)
})

test.each<[string, string]>([
  ["../../etc/passwd", "passwd"],
  ["/etc/passwd", "passwd"],
  ["..\\\\..\\\\windows\\\\win.ini", "win.ini"],
  ["C:\\\\boot.ini", "boot.ini"],
  ["C:boot.ini", "C_boot.ini"],
  ["..", "report 2026.pdf"],
  [".", "report 2026.pdf"],
  ["...", "report 2026.pdf"],
  ["", "report 2026.pdf"],
  [".bashrc", "bashrc"],
  ["a/", "report 2026.pdf"],
  ["x\u0000.txt", "x_.txt"],
  ["x\n.txt", "x_.txt"],
  ["CON", "_CON"],
  ["nul.txt", "_nul.txt"],
  ["console.txt", "console.txt"],
  ["name. ", "name"],
  ["file:stream", "file_stream"],
])("a name like %j leads nowhere else: %s", (given, name) => {
  expect(downloadName(`attachment; filename="${given}"`, URL_OF)).toBe(name)
})

test("marks that turn the reading direction round do not get into a name", () => {
  expect(downloadName("attachment; filename*=UTF-8''x%E2%80%AEfdp.exe", URL_OF)).toBe("x_fdp.exe")
})

test("a segment of the URL cannot lead elsewhere either", () => {
  expect(downloadName(null, "https://api.test/files/..%2f..%2fetc%2fpasswd")).toBe("passwd")
})

test("a long name keeps its extension", () => {
  const name = downloadName(`attachment; filename="${"é".repeat(300)}.tar.gz"`, URL_OF)
  expect([Buffer.byteLength(name) <= 200, name.endsWith("é.gz") || name.endsWith(".gz")]).toEqual([true, true])
})

test("whatever a server says, the name is one that stays in its directory", () => {
  const part = fc.constantFrom(
    "..",
    "/",
    "\\",
    "\0",
    ".",
    "con",
    "a",
    ":",
    '"',
    "é",
    "\u202e",
    " ",
    "%2f",
    "%",
    "'",
    ";",
  )
  const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""))
  fc.assert(
    fc.property(text, text, fc.boolean(), (value, segment, isExtended) => {
      const disposition = isExtended ? `attachment; filename*=utf-8''${value}` : `attachment; filename="${value}"`
      const name = downloadName(disposition, `https://api.test/${segment}`)
      expect(name).toMatch(/^(?![. ])[^/\\\p{Cc}\p{Cf}:]+(?<![. ])$/u)
    }),
  )
})
