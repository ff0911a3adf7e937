// `ledgerock up`: the whole system in the foreground.

import type { Command } from 'commander'
import { loadConfig } from '../../config.ts'
import type { CommandContext } from '../cli-deps.ts'
import { CommandError } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import type { ExitCode } from '../exit-code.ts'
import { globalsOf } from '../global-options.ts'
import { mustLoadConfig } from '../settings.ts'

export function addUp(program: Command, { io, deps }: CommandContext): void {
  const command = program
    .command('up')
    .description('run gateway, control API and ledger in the foreground')
    .option('--workers <n>', 'gateway processes, instead of gateway.workers')
    .option('--simulate', 'talk to the built-in Bedrock simulator, whatever credentials there are')
    .action(async (options: { readonly workers?: string; readonly simulate?: true }) => {
      const flags = { ...globalsOf(command), workers: options.workers }
      const config = mustLoadConfig(io, flags, 'required')
      const exitCode = await deps.up(config, {
        simulate: options.simulate === true,
        reload: () => loadConfig({ env: io.env, cwd: io.cwd, flags }),
      })
      // What went wrong has been logged where it happened.
      if (exitCode !== 0) throw new CommandError(exitCode as ExitCode)
    })
  addExamples(
    command,
    'up',
    'up --simulate --workers 1',
    'up --config ledgerock.yaml --data /var/lib/ledgerock',
  )
}
