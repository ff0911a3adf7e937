// How the control API says no (RFC 9457 problem details), with every fault of the input listed at its place.

export type ProblemError = {
  readonly path: string
  readonly line?: number
  readonly message: string
}

export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly errors: readonly ProblemError[]
}
