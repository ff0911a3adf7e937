// `ledgerock config check|schema`: the configuration file, without running anything.

import type { Command } from 'commander'
import { configPath, faultText, loadConfig } from '../../config.ts'
import { configJsonSchema } from '../../config/schema/schema.ts'
import { formatOf } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { CommandError } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { EXIT } from '../exit-code.ts'
import { globalsOf } from '../global-options.ts'

export function addConfig(program: Command, context: CommandContext): void {
  const { io } = context
  const config = program.command('config').description('check the configuration, print its schema')
  addExamples(
    config,
    'config check --config ledgerock.yaml',
    'config schema > ledgerock.schema.json',
  )
  const check = config
    .command('check')
    .description('every fault of the configuration with its line; exit code 2: faults')
    .action(() => checkConfig(context, check))
  addExamples(check, 'config check', 'config check --config /etc/ledgerock.yaml --format json')
  const schema = config
    .command('schema')
    .description('JSON Schema of ledgerock.yaml')
    .action(() => io.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`))
  addExamples(schema, 'config schema > ledgerock.schema.json')
}

async function checkConfig({ io }: CommandContext, command: Command): Promise<void> {
  const flags = globalsOf(command)
  const options = { env: io.env, cwd: io.cwd, flags }
  const path = configPath(options)
  const loaded = loadConfig(options)
  const faults = loaded.ok ? [] : loaded.problem
  if (formatOf(io, flags.format) !== 'table') {
    await io.out(`${JSON.stringify({ valid: loaded.ok, path, faults })}\n`)
  } else if (loaded.ok) {
    await io.out(`${path ?? 'No configuration file; the defaults'}: valid\n`)
  }
  if (!loaded.ok) throw new CommandError(EXIT.usage, ...faults.map(faultText))
}
