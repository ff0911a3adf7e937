// Everything a command touches of the terminal and the machine, so that tests can run a command without either.

/** How far something long has come, in bytes; `total` is null where nobody knows yet, `part` names one of several. */
export type Progress = {
  readonly update: (done: number, total: number | null, part?: string) => void
  readonly stop: () => void
}

export type CliIo = {
  /** Data. Resolves when the reader took it; rejects with `OutputClosed` when the reader is gone (`| head -1`). */
  readonly out: (data: string | Uint8Array) => Promise<void>
  /** Messages and progress. */
  readonly note: (text: string) => void
  readonly outIsTerminal: boolean
  /** Asks a person yes or no; null where nobody can be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | null
  /** A progress bar; shows nothing where messages do not go to a terminal. */
  readonly progress: (what: string) => Promise<Progress>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly now: () => number
  /** Aborted by the first SIGINT or SIGTERM after the call; before it, signals do what they usually do. */
  readonly untilStopped: () => AbortSignal
}

export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}
