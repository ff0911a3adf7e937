// `ledgerock call ID`: one call explained: who made it, what was asked and served, what it used, and how its cost adds up.

import type { Command } from 'commander'
import { connectApi } from './api-client.ts'
import { columnsOf, formatOf, jsonText, type Row } from './answer-format.ts'
import { explainCall, type CallAnswer } from './explain-call.ts'
import type { CommandContext } from './cli-deps.ts'
import { csvHeader, csvLine } from './csv.ts'
import { addExamples } from './examples.ts'
import { globalsOf } from './global-options.ts'

export function addCall(program: Command, context: CommandContext): void {
  const command = program
    .command('call')
    .description('one call explained')
    .argument('<id>', 'call id, as in the response header x-ledgerock-call-id')
    .action((id: string) => call(context, command, id))
  addExamples(command, 'call 0199c0de-5c1a-7000-8000-000000000001')
}

async function call(context: CommandContext, command: Command, id: string): Promise<void> {
  const { io } = context
  const flags = globalsOf(command)
  const api = await connectApi(context, flags)
  try {
    const { text, json } = await api.get(`calls/${encodeURIComponent(id)}`)
    const answer = json as CallAnswer
    const row = answer.call as Row
    switch (formatOf(io, flags.format)) {
      case 'json':
        return await io.out(jsonText(io, text))
      case 'ndjson':
        return await io.out(`${JSON.stringify(row)}\n`)
      case 'csv':
        return await io.out(csvHeader(columnsOf([row])) + csvLine(columnsOf([row]), row))
      case 'table':
        return await io.out(explainCall(answer))
    }
  } finally {
    await api.close()
  }
}
