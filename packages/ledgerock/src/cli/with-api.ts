// A command that asks the API: connects, does its work, and lets go whatever happens.

import type { Command } from 'commander'
import { formatOf, type Format } from './answer-format.ts'
import { connectApi, type ApiClient } from './api-client.ts'
import type { CommandContext } from './cli-deps.ts'
import { globalsOf } from './global-options.ts'

export async function withApi(
  context: CommandContext,
  command: Command,
  work: (api: ApiClient, format: Format) => Promise<void>,
): Promise<void> {
  const flags = globalsOf(command)
  const api = await connectApi(context, flags)
  try {
    await work(api, formatOf(context.io, flags.format))
  } finally {
    await api.close()
  }
}
