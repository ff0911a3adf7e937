// One command, from its words to its exit code. Every way to end is decided here; no command ends the process, and nobody ever
// sees a stack trace.

import { CommanderError } from 'commander'
import { Fault } from '../kernel/fault.ts'
import type { CliDeps } from './cli-deps.ts'
import { OutputClosed, type CliIo } from './cli-io.ts'
import { CommandError } from './command-error.ts'
import { EXIT } from './exit-code.ts'
import { LATER_COMMANDS } from './commands/later-commands.ts'
import { buildProgram } from './program.ts'
import { visible } from './table.ts'

/** `argv` without the interpreter and the script. */
export async function runCli(argv: readonly string[], io: CliIo, deps: CliDeps): Promise<number> {
  let help = ''
  let complaint = ''
  const program = buildProgram(
    { io, deps },
    (text) => (help += text),
    (text) => (complaint += text),
  )
  try {
    await program.parseAsync(argv, { from: 'user' })
    return EXIT.done
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(io, error)
    if (error.exitCode === 0) return print(io, help)
    io.note(refusalText(error, complaint, program.args))
    return EXIT.usage
  }
}

async function print(io: CliIo, help: string): Promise<number> {
  try {
    await io.out(help)
    return EXIT.done
  } catch (error) {
    return report(io, error)
  }
}

function report(io: CliIo, error: unknown): number {
  // Nobody reads on: that is how `| head -1` ends, not a failure.
  if (error instanceof OutputClosed) return EXIT.done
  if (error instanceof CommandError) {
    const [first, ...more] = error.lines
    if (first !== undefined) io.note([`ledgerock: ${first}`, ...more, ''].join('\n'))
    return error.exitCode
  }
  if (error instanceof Fault) {
    io.note(`ledgerock: ${visible(error.message)} (${error.code})\n`)
    return EXIT.failed
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  io.note(`ledgerock: internal error: ${visible(what)}\n`)
  return EXIT.failed
}

function refusalText(error: CommanderError, complaint: string, args: readonly string[]): string {
  const [name = ''] = args
  if (error.code === 'commander.unknownCommand' && LATER_COMMANDS.includes(name)) {
    return `ledgerock: "${name}" is not available in this version yet\n`
  }
  return complaint.replace(/^error: /, 'ledgerock: ')
}
