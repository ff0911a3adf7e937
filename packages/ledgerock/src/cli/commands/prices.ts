// `ledgerock prices`: the price book: what is in force and from where, what is different, and every way to change it.

import type { Command } from 'commander'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { addPricesBook } from './prices-book.ts'
import { addPricesCapacity } from './prices-capacity.ts'
import { addPricesDiff } from './prices-diff.ts'
import { addPricesImport } from './prices-import.ts'
import { addPricesLearn } from './prices-learn.ts'
import { addPricesList } from './prices-list.ts'
import { addPricesOverride } from './prices-override.ts'
import { addPricesRerate } from './prices-rerate.ts'
import { addPricesWithdraw } from './prices-withdraw.ts'

export function addPrices(program: Command, context: CommandContext): void {
  const prices = program
    .command('prices')
    .description('the price book: list, compare, import, learn, withdraw, override, re-rate')
  addExamples(
    prices,
    'prices list --model anthropic.claude-sonnet-4-6 --region us-east-1',
    'prices import --aws',
    'prices override set --name edp --models "anthropic.*" --percent -12.5',
    'prices learn --period 2026-10 --bill cur-2026-10.csv.gz',
    'prices rerate --from 2026-10-01 --to 2026-11-01 --dry-run',
  )
  const adders = [
    addPricesList,
    addPricesDiff,
    addPricesBook,
    addPricesImport,
    addPricesLearn,
    addPricesWithdraw,
    addPricesOverride,
    addPricesRerate,
    addPricesCapacity,
  ]
  for (const add of adders) add(prices, context)
}
