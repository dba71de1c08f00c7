type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
type Numbers<Text extends string> = Text extends `${infer N extends number}` ? N : never

/** Every status of the class with this first digit, whether registered or not: 400, 401, … 499. */
type StatusesOf<First extends number> = Numbers<`${First}${Digit}${Digit}`>

/** A redirect or a 304 that is handed over ends as a success, too. */
export type SuccessStatus = StatusesOf<2> | StatusesOf<3>
export type ClientErrorStatus = StatusesOf<4>
export type ServerErrorStatus = StatusesOf<5>

/** The ranges of a document; some write them in small letters. */
interface Ranges {
  readonly "2XX": StatusesOf<2>
  readonly "3XX": StatusesOf<3>
  readonly "4XX": ClientErrorStatus
  readonly "5XX": ServerErrorStatus
}

/** The statuses that keys of a document's responses stand for, `default` excepted. */
export type StatusesOfKeys<Key> = Extract<Key, number> | Ranges[Extract<Uppercase<Key & string>, keyof Ranges>]

/** The statuses that the response under `Key` is for: a range is for those that have no response of their own. */
export type StatusesAt<Key, AllKeys> = Key extends number ? Key : Exclude<StatusesOfKeys<Key>, AllKeys>

/** The first digit of a status, or of a range. */
export type FirstDigit<Key> = Key extends number | string
  ? `${Key}` extends `${infer First}${string}`
    ? First
    : never
  : never
