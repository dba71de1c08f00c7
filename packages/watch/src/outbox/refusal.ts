/** Why something that was asked of the page is not done. */
export class Refusal extends Error {
  override readonly name = "Refusal"
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
