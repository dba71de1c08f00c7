import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { parseLinks } from "./web-links.ts"

/** Targets with their relation types. */
function links(field: string): [string, string][] {
  return parseLinks(field).map(({ target, relations }) => [target, relations.join(" ")])
}

describe("a Link field", () => {
  test.each<[string, string, [string, string][]]>([
    ["one link", '<https://a.test/2>; rel="next"', [["https://a.test/2", "next"]]],
    ["an unquoted value", "</2>; rel=next", [["/2", "next"]]],
    ["several links", '<?p=2>; rel="next", <?p=9>; rel="last"', [["?p=2", "next"], ["?p=9", "last"]]],
    ["no space between links", '<?p=2>;rel="next",<?p=9>;rel="last"', [["?p=2", "next"], ["?p=9", "last"]]],
    ["several relation types", '</2>; rel="next  last"', [["/2", "next last"]]],
    ["several relation types without quotes", "</2>; rel=next last", [["/2", "next last"]]],
    ["only the first rel", '</2>; rel="prev"; rel="next"', [["/2", "prev"]]],
    ["any case of letters", '</2>; REL="NEXT"', [["/2", "next"]]],
    ["space around =, ; and ,", '</2> ; rel = "next" , </9> ;\trel\t=\tlast', [["/2", "next"], ["/9", "last"]]],
    ["commas in a target", '</a,b;c>; rel="next", </9>; rel="last"', [["/a,b;c", "next"], ["/9", "last"]]],
    ["quotes in a target", '</a"b>; rel="next", </9>; rel="last"', [['/a"b', "next"], ["/9", "last"]]],
    ["commas in a quoted value", '</2>; title="a, <b>; rel=x"; rel="next"', [["/2", "next"]]],
    ["escapes in a quoted value", '</2>; title="a \\" , b"; rel="ne\\xt"', [["/2", "next"]]],
    ["other parameters before", '</2>; title*=UTF-8\'de\'n%c3%a4chste; rel="next"', [["/2", "next"]]],
    ["a parameter without value", '</2>; crossorigin; rel="next"', [["/2", "next"]]],
    ["an empty parameter", '</2>;; rel="next";', [["/2", "next"]]],
    ["an empty rel", '</2>; rel; rel="next"', [["/2", ""]]],
    ["an extension type", '</2>; rel="next https://a.test/rels/X"', [["/2", "next https://a.test/rels/x"]]],
    ["no rel", "</2>", [["/2", ""]]],
    ["an empty target", '<>; rel="next"', [["", "next"]]],
    ["empty members", ', ,</2>; rel="next",,', [["/2", "next"]]],
    ["a member that is no link", 'nonsense; rel="next", </2>; rel="next"', [["/2", "next"]]],
    ["a member with < and no >", '</2; rel="next"', []],
    ["a quote that is not closed", '</2>; rel="next', [["/2", "next"]]],
    ["a quote that ends in a backslash", '</2>; rel="next\\', [["/2", "next"]]],
    ["what follows a quoted value", '</2>; rel="next"x, </9>; rel="last"', [["/2", "next"], ["/9", "last"]]],
    ["nothing", "", []],
    ["commas", ",,,", []],
  ])("with %s", (_, field, expected) => {
    expect(links(field)).toEqual(expected)
  }) // prettier-ignore

  test("keeps the first parameter of each name, by lower-case name", () => {
    const [link] = parseLinks('</2>; Anchor="#a"; anchor="#b"; title=" T "')
    expect([...(link?.parameters ?? [])]).toEqual([["anchor", "#a"], ["title", " T "]]) // prettier-ignore
  })

  test("that is anything at all is read, in time", () => {
    const noise = fc.string({ unit: fc.constantFrom("<", ">", ",", ";", "=", '"', "\\", " ", "rel", "next", "a") })
    fc.assert(
      fc.property(noise, (field) => void parseLinks(field)),
      { numRuns: 2000 },
    )
    for (const piece of ["<", '"', ",", ";", "<a", '<a>;"', "\\", " ", '<>;rel="', "<>;a=", "x,<"]) {
      expect(parseLinks(piece.repeat(20_000)).length).toBeLessThanOrEqual(20_000)
    }
  })

  test("that is written is read as it was meant", () => {
    const target = fc.webUrl({ withQueryParameters: true })
    const word = fc.stringMatching(/^[a-z][a-z\d.-]*$/)
    const title = fc.string({ unit: "grapheme-ascii" })
    const link = fc.record({ target, relations: fc.array(word, { minLength: 1, maxLength: 3 }), title })
    fc.assert(
      fc.property(fc.array(link), (all) => {
        const field = all.map(
          ({ target, relations, title }) =>
            `<${target}>; title="${title.replace(/["\\]/g, "\\$&")}"; rel="${relations.join(" ")}"`,
        )
        expect(
          parseLinks(field.join(", ")).map(({ target, relations, parameters }) => ({
            target,
            relations,
            title: parameters.get("title"),
          })),
        ).toEqual(all)
      }),
    )
  })
})
