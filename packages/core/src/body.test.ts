import { Readable } from "node:stream"
import { describe, expect, test } from "vitest"
import { bodySource, jsonBody, type BodyContent, type BodyInput, type BodySource } from "./body.ts"

const uniqueId = (): string => "0123456789abcdef"
const body = (input: unknown) => bodySource(input as BodyInput, uniqueId)

/** The bytes of one opening. */
async function read(source: BodySource): Promise<string> {
  return text(source.open())
}

async function text(content: BodyContent): Promise<string> {
  if (typeof content === "string") return content
  if (content instanceof Blob) return content.text()
  if (content instanceof Uint8Array) return new TextDecoder().decode(content)
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const bytes = new TextEncoder().encode("Grüße")
async function* pieces(): AsyncGenerator<Uint8Array | string> {
  yield "Grü"
  yield new TextEncoder().encode("ße")
}

describe("a body that can be replayed", () => {
  test.each<[string, BodyInput, string | undefined, number | undefined]>([
    ["a text", "Grüße", "text/plain;charset=UTF-8", undefined],
    ["an empty text", "", "text/plain;charset=UTF-8", undefined],
    ["bytes", bytes, undefined, 7],
    ["a part of a buffer", new Uint8Array(new TextEncoder().encode("xxGrüßexx").buffer, 2, 7), undefined, 7],
    ["a DataView", new DataView(bytes.buffer), undefined, 7],
    ["an ArrayBuffer", bytes.buffer, undefined, 7],
    ["a Node Buffer", Buffer.from("Grüße"), undefined, 7],
    ["a Blob", new Blob(["Grüße"], { type: "text/csv" }), "text/csv", 7],
    ["a Blob without type", new Blob(["Grüße"]), undefined, 7],
    ["URLSearchParams", new URLSearchParams({ a: "b c" }), "application/x-www-form-urlencoded;charset=UTF-8", undefined],
    ["a function that gives a text", () => "Grüße", undefined, undefined],
    ["a function that gives bytes", () => bytes, undefined, undefined],
    ["a function that gives a Blob", () => new Blob(["Grüße"]), undefined, undefined],
    ["a function that opens a stream", () => new Blob(["Grüße"]).stream(), undefined, undefined],
    ["a function that opens a Node stream", () => Readable.from([Buffer.from("Grüße")]), undefined, undefined],
    ["a generator function", pieces, undefined, undefined],
  ])("%s gives the same bytes each time", async (name, input, contentType, length) => {
    const { source, contentType: implied } = body(input)
    expect(implied).toBe(contentType)
    expect(source.length).toBe(length)
    const expected = name === "an empty text" ? "" : input instanceof URLSearchParams ? "a=b+c" : "Grüße"
    for (let time = 0; time < 3; time++) {
      expect(source.replayable).toBe(true)
      expect(await read(source)).toBe(expected)
    }
  }) // prettier-ignore

  test.each([
    ["bytes", new Uint8Array([1, 2, 3])],
    ["a Node Buffer", Buffer.from([1, 2, 3])],
    ["a DataView", new DataView(new Uint8Array([1, 2, 3]).buffer)],
    ["an ArrayBuffer", new Uint8Array([1, 2, 3]).buffer],
  ])("%s that their owner fills anew do not change what is sent again", (_, input) => {
    const { source } = body(input)
    const owned = ArrayBuffer.isView(input) ? input : new Uint8Array(input)
    new Uint8Array(owned.buffer, owned.byteOffset, owned.byteLength).fill(9)
    expect(source.open()).toEqual(new Uint8Array([1, 2, 3]))
  })

  test("URLSearchParams that change later do not change what is sent again", () => {
    const parameters = new URLSearchParams({ a: "1" })
    const { source } = body(parameters)
    parameters.set("a", "2")
    expect(source.open()).toBe("a=1")
  })

  test("a function is called anew for every opening", () => {
    let openings = 0
    const { source } = body(() => `opening ${++openings}`)
    expect(openings).toBe(0)
    expect([source.open(), source.open()]).toEqual(["opening 1", "opening 2"])
  })
})

describe("a stream", () => {
  test.each<[string, () => BodyInput]>([
    ["of the web", () => new Blob(["Grüße"]).stream()],
    ["of Node", () => Readable.from([Buffer.from("Grüße")])],
    ["of texts and bytes", () => pieces()],
  ])("%s is replayable until its first byte is asked for", async (_, input) => {
    const { source, contentType } = body(input())
    expect(contentType).toBeUndefined()
    expect(source.length).toBeUndefined()
    const content = source.open()
    expect(source.replayable).toBe(true)
    expect(await text(content)).toBe("Grüße")
    expect(source.replayable).toBe(false)
  })

  test("that is given up is cancelled when nothing of it was read", async () => {
    const cancelled = Promise.withResolvers<string>()
    const { source } = body(new ReadableStream({ cancel: () => cancelled.resolve("cancelled") }))
    source.discard?.()
    expect(await cancelled.promise).toBe("cancelled")
  })

  test("of Node that is given up is destroyed", () => {
    const stream = Readable.from(["x"])
    body(stream).source.discard?.()
    expect(stream.destroyed).toBe(true)
  })

  test("that is read in part is cancelled when its reader leaves", async () => {
    const cancelled = Promise.withResolvers<string>()
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes),
      cancel: () => cancelled.resolve("cancelled"),
    })
    const { source } = body(stream)
    for await (const chunk of source.open() as AsyncIterable<Uint8Array>) {
      expect(chunk).toEqual(bytes)
      break
    }
    expect(await cancelled.promise).toBe("cancelled")
    expect(source.replayable).toBe(false)
  })

  test("of something else is refused when it comes to it", async () => {
    async function* numbers(): AsyncGenerator<number> {
      yield 5
    }
    await expect(read(body(numbers()).source)).rejects.toThrow(
      new TypeError("a chunk of the body stream is a number; it must be a Uint8Array or a string"),
    )
  })
})

describe("multipart/form-data", () => {
  async function parsed(form: FormData): Promise<FormData> {
    const { source, contentType = "" } = body(form)
    return new Response(source.open() as Blob, { headers: { "content-type": contentType } }).formData()
  }

  test("is read back as it was given: fields, repeated names, files", async () => {
    const form = new FormData()
    form.append("name", "Ada Lovelace")
    form.append("tag", "a")
    form.append("tag", "b")
    form.append("empty", "")
    form.append("grüße", "€ 😀")
    form.append('quo"ted', 'a "b"')
    form.append("file", new File([new Uint8Array([0, 255, 13, 10])], 'a "b".bin', { type: "application/x-thing" }))
    form.append("untyped", new File(["x"], "ü.txt"))
    const back = await parsed(form)
    expect([...back.keys()]).toEqual([...form.keys()])
    expect(back.getAll("tag")).toEqual(["a", "b"])
    expect([back.get("name"), back.get("empty"), back.get("grüße"), back.get('quo"ted')]).toEqual([
      "Ada Lovelace",
      "",
      "€ 😀",
      'a "b"',
    ])
    const file = back.get("file") as File
    expect([file.name, file.type]).toEqual(['a "b".bin', "application/x-thing"])
    expect(await file.bytes()).toEqual(new Uint8Array([0, 255, 13, 10]))
    const untyped = back.get("untyped") as File
    expect([untyped.name, untyped.type]).toEqual(["ü.txt", "application/octet-stream"])
  })

  test("an empty form is a form", async () => {
    expect([...(await parsed(new FormData()))]).toEqual([])
  })

  test("line breaks are CRLF in values and names, and stay what they are in file names", async () => {
    const form = new FormData()
    form.append("a\nb", "one\ntwo\rthree\r\nfour")
    form.append("file", new File(["x"], "c\nd.txt"))
    const sent = await read(body(form).source)
    expect(sent).toContain('name="a%0D%0Ab"\r\n\r\none\r\ntwo\r\nthree\r\nfour\r\n')
    expect(sent).toContain('name="file"; filename="c%0Ad.txt"\r\n')
  })

  test("no name or file name can add a field of its own", async () => {
    const form = new FormData()
    form.append('x"\r\nContent-Type: text/evil\r\n\r\n', "1")
    form.append("y", new File([], 'z"\r\nX-Evil: 1'))
    const sent = await read(body(form).source)
    expect(sent.split("\r\n").filter((line) => /^(Content-Type: text\/evil|X-Evil)/.test(line))).toEqual([])
  })

  test("has the same boundary and bytes for every attempt, and says its length", async () => {
    const form = new FormData()
    form.append("a", "ä")
    const { source, contentType } = body(form)
    expect(contentType).toBe("multipart/form-data; boundary=steadfetch-0123456789abcdef")
    const first = await read(source)
    expect(await read(source)).toBe(first)
    expect(source.length).toBe(new TextEncoder().encode(first).byteLength)
  })
})

describe("what is no body is refused:", () => {
  const fix =
    'give a string, bytes, Blob, FormData, URLSearchParams, a stream or a function that opens one (an object goes in "json")'
  class User {
    name = "Ada"
  }

  test.each([
    [{ name: "Ada" }, "an object (Object)"],
    [[1, 2], "an object (Array)"],
    [new User(), "an object (User)"],
    [Object.create(null), "an object (no prototype)"],
    [Promise.resolve("x"), "an object (Promise)"],
    [5, "a number"],
    [true, "a boolean"],
    [null, "null"],
    [undefined, "undefined"],
  ])("%o", (input, what) => {
    expect(() => body(input)).toThrow(`the body is ${what}; ${fix}`)
  })

  test.each([
    [() => undefined, "undefined"],
    [() => ({}), "an object (Object)"],
    [() => new FormData(), "an object (FormData)"],
    [async () => "x", "an object (Promise)"],
  ])("what %o returns", (input, what) => {
    expect(() => body(input).source.open()).toThrow(
      `the body function returned ${what}; return a string, bytes, a Blob or a fresh stream`,
    )
  })

  const taken =
    "the body is a stream that is being read already; give an unread one, or a function that opens a fresh one"

  test("a web stream that someone reads already", () => {
    const stream = new Blob(["x"]).stream()
    stream.getReader()
    expect(() => body(stream)).toThrow(taken)
  })

  test("a Node stream that was read", async () => {
    const stream = Readable.from(["x"])
    for await (const chunk of stream) expect(chunk).toBe("x")
    expect(() => body(stream)).toThrow(taken)
  })
})

describe("a JSON body", () => {
  test.each([
    [{ a: [1, null, "ü"] }, '{"a":[1,null,"ü"]}'],
    [null, "null"],
    ["text", '"text"'],
    [0, "0"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ])("of %o is %s", (value, written) => {
    const { source, contentType } = jsonBody(value)
    expect([source.open(), source.open()]).toEqual([written, written])
    expect(source.replayable).toBe(true)
    expect(contentType).toBe("application/json")
  })

  test("is what the value was at the time of the call", () => {
    const value = { a: 1 }
    const { source } = jsonBody(value)
    value.a = 2
    expect(source.open()).toBe('{"a":1}')
  })

  const circle: Record<string, unknown> = {}
  circle["self"] = circle

  test.each([
    [undefined, '"json" is undefined, which has no JSON form; leave it out or give null'],
    [() => 1, '"json" is a function, which has no JSON form; leave it out or give null'],
    [Symbol("s"), '"json" is a symbol, which has no JSON form; leave it out or give null'],
    [{ a: 1n }, '"json" cannot be written as JSON: TypeError: Do not know how to serialize a BigInt'],
    [circle, '"json" cannot be written as JSON: TypeError: Converting circular structure to JSON'],
  ])("of %o is refused", (value, message) => {
    expect(() => jsonBody(value)).toThrow(message)
  })
})
