// `ledgerock prices import`: AWS Price List files or a price document become a layer of the book, all of it or nothing.

import type { Command } from 'commander'
import type { PriceListReport } from '../../pricing/price-list/price-list-report.ts'
import { printOne } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import type { CliIo } from '../cli-io.ts'
import { wrongUsage } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { readJsonInputs, uploadWithBar } from './prices-files.ts'
import { grouped, renderTable, visible } from '../table.ts'
import { withApi } from '../with-api.ts'

type ImportOptions = {
  readonly aws?: boolean
  readonly mirror?: string
  readonly dryRun?: boolean
}

type ImportBody = {
  /** Null where nothing was kept: a dry run, or nothing new. */
  readonly document_id: string | null
  readonly book_version: string
  /** Null for a price document, which has no SKUs to be unread. */
  readonly report: PriceListReport | null
  readonly changed: Readonly<Record<'added' | 'changed' | 'removed', number>>
  readonly unpriced_calls: number | null
}

export function addPricesImport(prices: Command, context: CommandContext): void {
  const command = prices
    .command('import')
    .description('take AWS Price List files, or a price document, as a layer of the book')
    .argument('[files...]', 'price list files (JSON, .gz too), or one ledgerock-prices/1 document')
    .option('--aws', 'download the current price lists from AWS; needs no credentials')
    .option('--mirror <url>', 'with --aws: download from there instead')
    .option('--dry-run', 'only say what would change')
    .action((files: readonly string[], options: ImportOptions) =>
      importPrices(context, command, files, options),
    )
  addExamples(
    command,
    'prices import --aws',
    'prices import --aws --dry-run',
    'prices import AmazonBedrock.json AmazonBedrockFoundationModels.json.gz',
    'prices import our-prices.json',
  )
}

async function importPrices(
  context: CommandContext,
  command: Command,
  files: readonly string[],
  { aws = false, mirror, dryRun = false }: ImportOptions,
): Promise<void> {
  const { io } = context
  if (aws === files.length > 0) {
    throw wrongUsage('name the files to import, or --aws; one of the two')
  }
  if (mirror !== undefined && (!aws || !/^https?:$/.test(URL.parse(mirror)?.protocol ?? ''))) {
    throw wrongUsage('--mirror goes with --aws, and is an http or https URL')
  }
  // Before the API is asked: without a server the data directory is locked for as long as it is open.
  const text = aws ? await downloadOffers(io, mirror) : await readJsonInputs(io, files)
  await withApi(context, command, async (api, format) => {
    const bytes = Buffer.from(text)
    const query = dryRun ? { dry_run: 'true' } : {}
    const body = { type: 'application/json', bytes }
    const answer = await uploadWithBar(io, api, 'prices/import', query, body)
    await printOne(io, format, answer, () => layOut(answer.json as ImportBody, dryRun))
    noteMissing(context, answer.json)
  })
}

async function downloadOffers(io: CliIo, mirror: string | undefined): Promise<string> {
  const files = await import('../../aws/price-list-files.ts')
  const progress = await io.progress('downloading')
  try {
    const offers = await files.downloadOffers({
      fetch,
      onProgress: ({ offer, receivedBytes, totalBytes }) =>
        progress.update(receivedBytes, totalBytes, offer),
      baseUrl: mirror,
    })
    return JSON.stringify(offers)
  } finally {
    progress.stop()
  }
}

function layOut(
  { report, changed, unpriced_calls: unpriced, ...rest }: ImportBody,
  dryRun: boolean,
): string {
  const lines: string[] = []
  for (const { offer_code: code, published_at: at, skus } of report?.offers ?? []) {
    lines.push(`${visible(code)} of ${visible(at)}: ${grouped(skus)} SKUs`)
  }
  if (report !== null) {
    const { skus, read, rates } = report
    lines.push(`${grouped(read)} of ${grouped(skus)} SKUs became ${grouped(rates)} rates`)
  }
  const { added, changed: different, removed } = changed
  const would = dryRun ? 'would be ' : ''
  lines.push(
    `${would}added ${grouped(added)}, changed ${grouped(different)}, removed ${grouped(removed)}`,
    dryRun ? 'nothing was changed' : `price book ${visible(rest.book_version)} is in force`,
  )
  if (rest.document_id !== null) lines.push(`kept as document ${visible(rest.document_id)}`)
  if (unpriced !== null && unpriced > 0) {
    lines.push(`${grouped(unpriced)} calls have no price yet; see "ledgerock prices rerate"`)
  }
  const unread = report?.unread ?? []
  if (unread.length === 0) return `${lines.join('\n')}\n`
  const rows = unread.flatMap(unreadRows)
  return `${lines.join('\n')}\n\nSKUs that became no rate:\n${renderTable(
    [
      { name: 'reason', align: 'left' },
      { name: 'count', heading: 'SKUs', align: 'right' },
      { name: 'sku', heading: 'for example', align: 'left' },
      { name: 'usagetype', heading: 'usage type', align: 'left' },
    ],
    rows,
  )}`
}

/** The reason and its count stand once, before the first example. */
function unreadRows({
  reason,
  count,
  examples,
}: PriceListReport['unread'][number]): readonly Readonly<Record<string, unknown>>[] {
  const [first, ...more] = examples
  return [
    { reason, count, ...first },
    ...more.map((example) => ({ reason: '', count: '', ...example })),
  ]
}
