// A fault of the world (a full disk, a store that is down) with a permanent code. Turned into HTTP or an exit code in one
// place, by its code, never by its text.

export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: string
  readonly retryable: boolean

  constructor(
    code: string,
    message: string,
    options: { readonly retryable?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? false
  }
}
