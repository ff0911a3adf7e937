// `ledgerock call ID`: one call explained: who made it, what was asked and served, what it used, how its cost adds up, and where
// each rate is from.

import type { Command } from 'commander'
import { printOne } from '../answer-format.ts'
import type { ApiClient } from '../api-client.ts'
import {
  chargesOf,
  explainCall,
  type CallAnswer,
  type RateSource,
  type RateSources,
} from './explain-call.ts'
import type { CommandContext } from '../cli-deps.ts'
import { CommandError } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { withApi } from '../with-api.ts'

export function addCall(program: Command, context: CommandContext): void {
  const command = program
    .command('call')
    .description('one call explained')
    .argument('<id>', 'call id, as in the response header x-ledgerock-call-id')
    .action((id: string) => explain(context, command, id))
  addExamples(command, 'call 0199c0de-5c1a-7000-8000-000000000001')
}

function explain(context: CommandContext, command: Command, id: string): Promise<void> {
  return withApi(context, command, async (api, format) => {
    const { text, json } = await api.get(`calls/${encodeURIComponent(id)}`)
    const answer = json as CallAnswer
    const sources = format === 'table' ? await sourcesOf(api, answer) : new Map()
    await printOne(context.io, format, { text, json: answer.call }, () => {
      return explainCall(answer, sources)
    })
  })
}

/** A charge names its rate; the price book says where that is from, also when it is long superseded. */
async function sourcesOf(api: ApiClient, { call }: CallAnswer): Promise<RateSources> {
  const sources = new Map<string, RateSource>()
  for (const { rate_id: id } of chargesOf(call)) {
    if (sources.has(id)) continue
    try {
      const { json } = await api.get(`prices/rates/${encodeURIComponent(id)}`)
      sources.set(id, json as RateSource)
    } catch (error) {
      // A rate of another installation's book, or one this token may not see: the charge is shown without.
      if (!(error instanceof CommandError)) throw error
    }
  }
  return sources
}
