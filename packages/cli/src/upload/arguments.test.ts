import { expect, test } from "vitest"
import { parseUpload } from "./arguments.ts"

test("the server is told the file's name, and the upload's URL is kept beside the file", () => {
  expect(parseUpload(["dir/video.mp4", "https://h/files"], {})).toMatchObject({
    file: "dir/video.mp4",
    url: "https://h/files",
    resumeFile: "dir/video.mp4.upload.json",
    metadata: { filename: "video.mp4" },
    chunkBytes: undefined,
  })
})

test("metadata of one's own is added, or goes before", () => {
  const given = ["f", "https://h", "--metadata", "filename=a b", "--metadata", "filetype=x/y"]
  expect(parseUpload(given, {}).metadata).toEqual({ filename: "a b", filetype: "x/y" })
})

test("where the URL is kept, and whether, is the user's to say", () => {
  expect(parseUpload(["f", "https://h", "--resume-file", "state"], {}).resumeFile).toBe("state")
  expect(parseUpload(["f", "https://h", "--no-resume"], {}).resumeFile).toBeUndefined()
})

test.each([
  [[], "the file is missing; write steadfetch upload FILE URL"],
  [["https://h"], "the file is missing"],
  [["https://h", "f"], "the file stands before the URL: steadfetch upload f https://h"],
  [["f"], "the URL is missing; write steadfetch upload f https://…"],
  [["-", "https://h"], "send a pipe with steadfetch call POST URL --data -"],
  [["f", "h"], "write https://h"],
  [["f", "https://h", "g"], '"g" is one argument too many'],
  [["f", "https://h", "--chunk-bytes", "5MB"], '--chunk-bytes is "5MB"; give a whole number from 1'],
  [["f", "https://h", "--resume-file", "s", "--no-resume"], "contradict each other"],
])("%j is refused", (args, message) => {
  expect(() => parseUpload(args, {})).toThrow(message)
})
