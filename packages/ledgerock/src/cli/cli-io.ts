// Everything a command touches of the terminal and the machine, so that tests can run a command without either.

export type CliIo = {
  /** Data. Resolves when the reader took it; rejects with `OutputClosed` when the reader is gone (`| head -1`). */
  readonly out: (text: string) => Promise<void>
  /** Messages and progress. */
  readonly note: (text: string) => void
  readonly outIsTerminal: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly now: () => number
  /** Aborted by the first SIGINT or SIGTERM after the call; before it, signals do what they usually do. */
  readonly untilStopped: () => AbortSignal
}

export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}
