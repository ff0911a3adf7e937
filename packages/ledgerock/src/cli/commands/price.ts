// `ledgerock price`: what a call would cost. A server that is named prices it by its own book; else the book in force in the data
// directory does, or the prices that ship with Ledgerock where there is none. Without a named server it needs none, and it never
// creates data.

import type { Command } from 'commander'
import type { PriceAnswer, PriceQuestion } from '../../pricing/price-question.ts'
import { priceFile } from '../../processes/data-layout.ts'
import { formatOf, jsonText, type Row } from '../answer-format.ts'
import { connectApi } from '../api-client.ts'
import { chargeTable, paidByTheHour, rateTable } from './charges.ts'
import type { CommandContext } from '../cli-deps.ts'
import { wrongUsage } from '../command-error.ts'
import { csvHeader, csvLine } from '../csv.ts'
import { addExamples } from '../examples.ts'
import { globalsOf, type GlobalOptions } from '../global-options.ts'
import { bookAtHand } from './price-book-at-hand.ts'
import { mustFindClientSettings, mustLoadConfig } from '../settings.ts'
import { visible } from '../table.ts'

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
  'base_source',
  'base_source_date',
] as const

type Priced = {
  /** The API's body, or what it would be. */
  readonly text: string
  readonly answer: PriceAnswer
  /** Whose book priced it. */
  readonly origin: string
}

export function addPrice(program: Command, context: CommandContext): void {
  const command = program
    .command('price')
    .description('price a call; asks a server only where --url names one')
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
    'price --url https://ledgerock.example.com --model amazon.nova-pro-v1:0 --usage input=1000',
  )
}

async function price(
  context: CommandContext,
  command: Command,
  question: PriceQuestion,
): Promise<void> {
  const { io } = context
  const flags = globalsOf(command)
  const { url } = mustFindClientSettings(io, flags)
  const { text, answer, origin } =
    url === null
      ? await pricedHere(context, flags, question)
      : await pricedBy(url, context, flags, question)
  switch (formatOf(io, flags.format)) {
    case 'json':
      return io.out(jsonText(io, text))
    case 'ndjson':
      return io.out(answer.charges.map((charge) => `${JSON.stringify(charge)}\n`).join(''))
    case 'csv': {
      const lines = answer.charges.map((charge) => csvLine(CHARGE_COLUMNS, charge as Row))
      return io.out(csvHeader(CHARGE_COLUMNS) + lines.join(''))
    }
    case 'table':
      return io.out(layOut(answer, origin))
  }
}

/** Its defaults are that server's: its region, its clock. */
async function pricedBy(
  url: string,
  context: CommandContext,
  flags: GlobalOptions,
  question: PriceQuestion,
): Promise<Priced> {
  const api = await connectApi(context, flags)
  try {
    const { text, json } = await api.send('POST', 'price', question)
    return { text, answer: json as PriceAnswer, origin: `of ${url}` }
  } finally {
    await api.close()
  }
}

async function pricedHere(
  { io }: CommandContext,
  flags: GlobalOptions,
  question: PriceQuestion,
): Promise<Priced> {
  const { book, origin } = await bookAtHand(priceFile(mustFindClientSettings(io, flags).dataDir))
  const { answerPriceQuestion } = await import('../../pricing/price-question.ts')
  const answered = answerPriceQuestion(book, question, {
    region: question.region ?? mustLoadConfig(io, flags, 'optional').bedrock.defaultRegion,
    nowMs: io.now(),
  })
  if (!answered.ok) {
    throw wrongUsage(...answered.problem.map(({ path, message }) => `--${path}: ${message}`))
  }
  const answer = answered.value
  return { text: JSON.stringify(answer), answer, origin }
}

function layOut(answer: PriceAnswer, origin: string): string {
  const { model_id: modelId, region, scope, tier, at, cost_usd: cost } = answer
  const where = [region, scope, tier].filter((word) => word !== null).join(', ')
  const lines = [
    `${visible(modelId ?? answer.model_requested)} in ${visible(where)} at ${visible(at)}`,
    visible(`by the price book ${answer.price_book_version} ${origin}`),
  ]
  if (answer.charges.length > 0) lines.push(chargeTable(answer.charges).trimEnd())
  const missing = answer.unpriced_kinds.length === 0 ? '' : `: ${answer.unpriced_kinds.join(', ')}`
  lines.push(cost === null ? `unpriced (${answer.unpriced_reason}${missing})` : `total USD ${cost}`)
  const elsewhere = cost === null ? paidByTheHour(answer) : null
  if (elsewhere !== null) lines.push(elsewhere)
  if (answer.suggestions.length > 0) lines.push(`Did you mean ${answer.suggestions.join(', ')}?`)
  if (answer.variants.length > 0) lines.push(`Sold as ${answer.variants.join('; ')} (--variant)`)
  const rates = rateTable(answer.charges)
  return `${lines.join('\n')}\n${rates === '' ? '' : `\n${rates}`}`
}
