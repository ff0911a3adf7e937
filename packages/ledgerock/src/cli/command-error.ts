// How a command says no: lines for people on stderr and an exit code. Thrown anywhere below a command, printed in one place.

import { EXIT, type ExitCode } from './exit-code.ts'

export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: ExitCode
  readonly lines: readonly string[]

  constructor(exitCode: ExitCode, ...lines: readonly string[]) {
    super(lines.join('\n'))
    this.exitCode = exitCode
    this.lines = lines
  }
}

export function wrongUsage(...lines: readonly string[]): CommandError {
  return new CommandError(EXIT.usage, ...lines)
}

export function failed(...lines: readonly string[]): CommandError {
  return new CommandError(EXIT.failed, ...lines)
}
