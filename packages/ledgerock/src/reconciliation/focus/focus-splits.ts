// The parts of a charge that was split: together they must be the charge, and but for cost, quantity and owner each is like the others.

import type { FocusRule } from './focus-rule.ts'
import type { FocusColumn, FocusRow } from './focus-row.ts'
import { isNobodys } from '../statement/statement-lines.ts'

const ALIKE: readonly FocusColumn[] = [
  'BillingPeriodStart',
  'ChargeCategory',
  'ChargeClass',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ConsumedUnit',
  'ContractedUnitPrice',
  'InvoiceId',
  'ListUnitPrice',
  'PricingUnit',
  'RegionId',
  'ResourceId',
  'ServiceProviderName',
  'SkuId',
  'SkuPriceId',
  'SubAccountId',
  'Tags',
  'AllocatedMethodId',
]

const RATIO_ONE = 10n ** 12n

type Find = (rule: FocusRule, row: number, column: FocusColumn | null, detail: string) => void

export type SplitCheck = {
  readonly see: (index: number, row: FocusRow) => void
  readonly end: () => void
}

/** Parts of one charge stand one after the other, so that a file of any length is checked in the room of one row. */
export function splitCheck(find: Find): SplitCheck {
  let first: { readonly index: number; readonly row: FocusRow } | null = null
  let sum = 0n
  const end = (): void => {
    if (first !== null && sum !== RATIO_ONE)
      find('split_ratio', first.index, 'AllocatedMethodDetails', 'not 1 in all')
    first = null
    sum = 0n
  }
  return {
    see(index, row) {
      if (row.x_LedgerockOriginId === null) return
      if (first?.row.x_LedgerockOriginId !== row.x_LedgerockOriginId) end()
      first ??= { index, row }
      checkPart(index, row, first.row, find)
      sum += ratioOf(row.AllocatedMethodDetails ?? '')
    },
    end,
  }
}

function checkPart(index: number, row: FocusRow, first: FocusRow, find: Find): void {
  if (row.AllocatedMethodId === null || row.AllocatedMethodDetails === null)
    find('split_incomplete', index, 'AllocatedMethodId', 'a split says how')
  const isOwned = row.x_LedgerockDimensions !== null && !isNobodys(row.x_LedgerockBasis)
  if (isOwned !== (row.AllocatedResourceId !== null))
    find('split_incomplete', index, 'AllocatedResourceId', 'names who has the part')
  const origin = row.x_LedgerockOriginId
  for (const column of ALIKE) {
    if (row[column] !== first[column])
      find('split_differs', index, column, `is not what other parts of ${origin} have`)
  }
}

/** Of its digits, because a double may not have them all. */
function ratioOf(details: string): bigint {
  const [, whole = '0', fraction = ''] =
    /"AllocatedRatio":(\d+)(?:\.(\d{1,12}))?/.exec(details) ?? []
  return BigInt(whole) * RATIO_ONE + BigInt(fraction.padEnd(12, '0'))
}
