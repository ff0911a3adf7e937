// `ledgerock demo`: a whole month from call to PDF statement, and then the system with live traffic, on a folder of its own.

import path from 'node:path'
import type { Command } from 'commander'
import { loadConfig } from '../../config.ts'
import type { CommandContext } from '../cli-deps.ts'
import { CommandError, wrongUsage } from '../command-error.ts'
import { wholeNumberBetween } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import type { ExitCode } from '../exit-code.ts'
import { globalsOf } from '../global-options.ts'
import { mustLoadConfig } from '../settings.ts'

type DemoOptions = { readonly seed?: number; readonly once?: true }

export function addDemo(program: Command, { io, deps }: CommandContext): void {
  const command = program
    .command('demo')
    .description('a month of several teams from call to PDF statement, then live traffic')
    .option('--seed <n>', 'same seed, same month', wholeNumberBetween(0, 2 ** 32 - 1))
    .option('--once', 'make the month and end; do not start the system')
    .action(async ({ seed, once }: DemoOptions) => {
      const globals = globalsOf(command)
      if (globals.config !== undefined) {
        throw wrongUsage('a demo has a configuration of its own, in its folder; see --data')
      }
      const folder = path.resolve(io.cwd, globals.data ?? 'demo-data')
      const flags = {
        ...globals,
        data: folder,
        config: path.join(folder, 'ledgerock.yaml'),
        workers: undefined,
      }
      const exitCode = await deps.demo({
        folder,
        cwd: io.cwd,
        seed: seed ?? null,
        once: once === true,
        load: () => mustLoadConfig(io, flags, 'required'),
        reload: () => loadConfig({ env: io.env, cwd: io.cwd, flags }),
        now: io.now,
        untilStopped: io.untilStopped,
      })
      if (exitCode !== 0) throw new CommandError(exitCode as ExitCode)
    })
  addExamples(command, 'demo', 'demo --data /tmp/demo --seed 3', 'demo --once')
}
