// `ledgerock price`: what a call would cost, from the prices that ship with Ledgerock. Needs no server and creates no data.

import type { Command } from 'commander'
import type { PriceAnswer, PriceQuestion } from '../pricing/price-question.ts'
import { formatOf, jsonText, type Row } from './answer-format.ts'
import type { CommandContext } from './cli-deps.ts'
import { wrongUsage } from './command-error.ts'
import { csvHeader, csvLine } from './csv.ts'
import { addExamples } from './examples.ts'
import { globalsOf } from './global-options.ts'
import { mustLoadConfig } from './settings.ts'
import { renderTable, visible } from './table.ts'

const CHARGE_COLUMNS = [
  'kind',
  'quantity',
  'rate_usd',
  'amount_usd',
  'rate_id',
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
    .option('--at <time>', 'at the prices of that time (default: now)')
    .action((options: PriceQuestion) => price(context, command, options))
  addExamples(
    command,
    'price --model us.anthropic.claude-sonnet-4-6 --usage input=1000,output=200',
    'price --model amazon.nova-lite-v1:0 --region eu-west-1 --tier flex --usage input=1000000',
  )
}

async function price(
  { io }: CommandContext,
  command: Command,
  { model, usage, region, tier, scope, variant, at }: PriceQuestion,
): Promise<void> {
  const flags = globalsOf(command)
  const { answerPriceQuestion } = await import('../pricing/price-question.ts')
  const { buildPriceBook } = await import('../pricing/price-book.ts')
  const { SNAPSHOT_LAYER } = await import('../pricing/snapshot.ts')
  const question: PriceQuestion = {
    model,
    usage,
    ...(region === undefined ? {} : { region }),
    ...(tier === undefined ? {} : { tier }),
    ...(scope === undefined ? {} : { scope }),
    ...(variant === undefined ? {} : { variant }),
    ...(at === undefined ? {} : { at }),
  }
  const answered = answerPriceQuestion(buildPriceBook([SNAPSHOT_LAYER]), question, {
    region: region ?? mustLoadConfig(io, flags, 'optional').bedrock.defaultRegion,
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
  if (answer.charges.length > 0) {
    lines.push(
      renderTable(
        [
          { name: 'kind', align: 'left' },
          { name: 'quantity', align: 'right' },
          { name: 'rate_usd', heading: '× rate USD', align: 'right' },
          { name: 'amount_usd', heading: '= amount USD', align: 'right' },
          { name: 'source', align: 'left' },
          { name: 'source_date', heading: 'of', align: 'left' },
        ],
        answer.charges,
      ).trimEnd(),
    )
  }
  const missing = answer.unpriced_kinds.length === 0 ? '' : `: ${answer.unpriced_kinds.join(', ')}`
  lines.push(cost === null ? `unpriced (${answer.unpriced_reason}${missing})` : `total USD ${cost}`)
  if (answer.suggestions.length > 0) lines.push(`Did you mean ${answer.suggestions.join(', ')}?`)
  if (answer.variants.length > 0) lines.push(`Sold as ${answer.variants.join('; ')} (--variant)`)
  return `${lines.join('\n')}\n`
}
