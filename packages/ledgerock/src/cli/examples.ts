// The examples at the end of a command's `--help`.

import type { Command } from 'commander'

export function addExamples(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ledgerock ${example}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}
