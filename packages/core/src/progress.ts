/** How far a transfer has come. */
export interface TransferProgress {
  /** Bytes that have arrived at their place, those of earlier tries included. */
  readonly transferredBytes: number
  /** Bytes in all; undefined while nobody knows. */
  readonly totalBytes: number | undefined
}
