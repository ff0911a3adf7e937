// The flags every command takes, before or after its name.

import { Option, type Command } from 'commander'
import type { ConfigFlags } from '../config.ts'
import { FILE_FORMATS, FORMATS, type FileFormat, type Format } from './answer-format.ts'

export type GlobalOptions = ConfigFlags & { readonly format?: Format | FileFormat }

export function addGlobalOptions(program: Command): void {
  program
    .option('--config <file>', 'configuration file (LEDGEROCK_CONFIG; default: ledgerock.yaml)')
    .option('--data <dir>', 'data directory (LEDGEROCK_DATA_DIR; default: data)')
    .option('--gateway-port <n>', 'port of the gateway, 0 for a free one (LEDGEROCK_GATEWAY_PORT)')
    .option('--control-port <n>', 'port of the control API (LEDGEROCK_CONTROL_PORT)')
    .option('--url <url>', 'control API of a running server (LEDGEROCK_URL)')
    .option('--token <token>', 'admin token (LEDGEROCK_TOKEN; default: <data>/admin-token)')
    .addOption(
      new Option('--format <format>', 'default: table on a terminal, else json').choices([
        ...FORMATS,
        ...FILE_FORMATS,
      ]),
    )
}

export function globalsOf(command: Command): GlobalOptions {
  return command.optsWithGlobals<GlobalOptions>()
}
