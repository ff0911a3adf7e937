// `ledgerock price`: what a call would cost, by the book in force in the data directory, or by the prices that ship with Ledgerock
// where there is none. Needs no server and creates no data.

import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { PriceBook } from '../pricing/price-book.ts'
import type { PriceAnswer, PriceQuestion } from '../pricing/price-question.ts'
import { priceFile } from '../processes/data-layout.ts'
import { formatOf, jsonText, type Row } from './answer-format.ts'
import type { CommandContext } from './cli-deps.ts'
import type { CliIo } from './cli-io.ts'
import { failed, wrongUsage } from './command-error.ts'
import { csvHeader, csvLine } from './csv.ts'
import { addExamples } from './examples.ts'
import { globalsOf, type GlobalOptions } from './global-options.ts'
import { chargeTable, rateTable } from './charges.ts'
import { mustFindClientSettings, mustLoadConfig } from './settings.ts'
import { visible } from './table.ts'

const CHARGE_COLUMNS = [
  'kind',
  'quantity',
  'rate_usd',
  'amount_usd',
  'rate_id',
  'layer',
  'source',
  'source_date',
  'derived_by',
] as const

export function addPrice(program: Command, context: CommandContext): void {
  const command = program
    .command('price')
    .description('price a call; needs no server')
    .requiredOption('--model <id>', 'model id, inference profile id or ARN')
    .requiredOption('--usage <kind=n,…>', 'input=1000,output=200,cache_read=5000 …')
    .option('--region <region>', 'where the call goes (default: bedrock.region)')
    .option('--tier <tier>', 'service tier (default: standard)')
    .option('--scope <scope>', 'in-region, geo or global (default: what the model id says)')
    .option('--variant <name>', 'where a model is sold in several')
    .option('--account <id>', 'the account it is billed to, where an override is for one')
    .option('--at <time>', 'at the prices of that time (default: now)')
    .action((options: PriceQuestion) => price(context, command, options))
  addExamples(
    command,
    'price --model us.anthropic.claude-sonnet-4-6 --usage input=1000,output=200',
    'price --model amazon.nova-lite-v1:0 --region eu-west-1 --tier flex --usage input=1000000',
    'price --model amazon.nova-pro-v1:0 --usage input=1000 --at 2026-10-01 --account 210987654321',
  )
}

async function price(
  { io }: CommandContext,
  command: Command,
  { model, usage, ...rest }: PriceQuestion,
): Promise<void> {
  const flags = globalsOf(command)
  const { answerPriceQuestion } = await import('../pricing/price-question.ts')
  const question: PriceQuestion = { model, usage, ...rest }
  const answered = answerPriceQuestion(await bookInForce(io, flags), question, {
    region: rest.region ?? mustLoadConfig(io, flags, 'optional').bedrock.defaultRegion,
    nowMs: io.now(),
  })
  if (!answered.ok) {
    throw wrongUsage(...answered.problem.map(({ path, message }) => `--${path}: ${message}`))
  }
  const answer = answered.value
  switch (formatOf(io, flags.format)) {
    case 'json':
      return io.out(jsonText(io, JSON.stringify(answer)))
    case 'ndjson':
      return io.out(answer.charges.map((charge) => `${JSON.stringify(charge)}\n`).join(''))
    case 'csv': {
      const lines = answer.charges.map((charge) => csvLine(CHARGE_COLUMNS, charge as Row))
      return io.out(csvHeader(CHARGE_COLUMNS) + lines.join(''))
    }
    case 'table':
      return io.out(layOut(answer))
  }
}

function layOut(answer: PriceAnswer): string {
  const { model_id: modelId, region, scope, tier, at, cost_usd: cost } = answer
  const where = [region, scope, tier].filter((word) => word !== null).join(', ')
  const lines = [`${visible(modelId ?? answer.model_requested)} in ${where} at ${at}`]
  if (answer.charges.length > 0) lines.push(chargeTable(answer.charges).trimEnd())
  const missing = answer.unpriced_kinds.length === 0 ? '' : `: ${answer.unpriced_kinds.join(', ')}`
  lines.push(cost === null ? `unpriced (${answer.unpriced_reason}${missing})` : `total USD ${cost}`)
  if (answer.suggestions.length > 0) lines.push(`Did you mean ${answer.suggestions.join(', ')}?`)
  if (answer.variants.length > 0) lines.push(`Sold as ${answer.variants.join('; ')} (--variant)`)
  const rates = rateTable(answer.charges)
  return `${lines.join('\n')}\n${rates === '' ? '' : `\n${rates}`}`
}

async function bookInForce(io: CliIo, flags: GlobalOptions): Promise<PriceBook> {
  const file = priceFile(mustFindClientSettings(io, flags).dataDir)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as { readonly code?: string }
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw failed(`the price book ${file} cannot be read (${code ?? 'unreadable'})`)
    }
    const { buildPriceBook } = await import('../pricing/price-book.ts')
    const { SNAPSHOT_LAYER } = await import('../pricing/snapshot.ts')
    return buildPriceBook([SNAPSHOT_LAYER])
  }
  const { openBookFile } = await import('../pricing/book-file.ts')
  const opened = openBookFile(text)
  // Silence would be a price by another book than the one calls are priced by.
  if (!opened.ok) throw failed(`the price book ${file} is damaged: ${opened.problem}`)
  return opened.value
}
