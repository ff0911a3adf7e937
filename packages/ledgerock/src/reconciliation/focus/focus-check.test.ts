// The checker finds each fault that is planted, and nothing in a sound file; and the standard's published correction examples.

import { describe, expect, it } from 'vitest'
import { parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { checkFocus } from './focus-check.ts'
import { FOCUS_RULES, type FocusRule } from './focus-rule.ts'
import { attosOf, formatAttos, type Attos, type FocusRow } from './focus-row.ts'
import { focusRows, type FocusAdjustment, type FocusMonth } from './focus-rows.ts'
import { exactOf } from '../exact.ts'
import { reconcile, type ReconcileAsk } from '../reconcile.ts'
import { line, rulesOf, START_MS, use } from '../testing/small-books.ts'

const usd = (text: string) => mustOk(parseUsd(text))

function monthOf(ask: Partial<ReconcileAsk>, adjustments: readonly FocusAdjustment[] = []) {
  const whole: ReconcileAsk = {
    period: '2026-10',
    cost: 'net',
    lines: [],
    metered: [],
    evidence: rulesOf(),
    pools: [],
    defaultSplit: { kind: 'proportional' },
    group: 'team',
    billedUntilMs: null,
    ...ask,
  }
  const invoices = [{ invoice_id: 'INV-1', issuer: 'AWS EMEA SARL', bill_usd: '9', tax_usd: '0' }]
  const frame = { period: '2026-10', currency: 'USD', billingAccountId: '111122223333', invoices }
  return { frame, ask: whole, reconciled: reconcile(whole), adjustments } satisfies FocusMonth
}

const ADJUSTMENT: FocusAdjustment = {
  adjustmentId: 'adj-1',
  chargePeriod: '2026-09',
  owner: { team: 'search' },
  modelId: 'amazon.nova-pro-v1:0',
  basis: 'metered',
  usd: usd('-0.5'),
  reason: 'late_delivery',
}

const MONTH = monthOf(
  {
    lines: [
      line(0, 3_000_000, { invoiceId: 'INV-1' }),
      line(1, 1_000_000),
      line(2, 0, { thing: 'credit', usd: '-1', quantity: null, kind: '', principal: '' }),
    ],
    metered: [use(0, 'search', 1_000_000), use(0, 'ads', 2_000_000), use(1, 'ads', 1_000_000)],
  },
  [ADJUSTMENT],
)
const ROWS: readonly FocusRow[] = [...focusRows(MONTH, null)]

const rulesFound = (rows: readonly FocusRow[]): readonly FocusRule[] => {
  const expected = { period: '2026-10', currency: 'USD', billed: MONTH.reconciled.bill }
  return [...new Set(checkFocus(rows, expected).map(({ rule }) => rule))]
}

/** The rows with one changed. */
function planted(
  which: (row: FocusRow) => boolean,
  change: (row: FocusRow) => Partial<FocusRow> | Readonly<Record<string, unknown>>,
): readonly FocusRow[] {
  const index = ROWS.findIndex(which)
  expect(index).toBeGreaterThanOrEqual(0)
  return ROWS.map((row, place) => (place === index ? { ...row, ...change(row) } : row))
}

const isSplit = (row: FocusRow): boolean => row.x_LedgerockOriginId !== null && row.SkuId !== null
const isWhole = (row: FocusRow): boolean => row.x_LedgerockOriginId === null && row.SkuId !== null
const isCredit = (row: FocusRow): boolean => row.ChargeCategory === 'Credit'
const isCorrection = (row: FocusRow): boolean => row.ChargeClass === 'Correction'
const one = 10n ** 18n
const more = (value: Attos | null): Attos => ((value ?? 0n) + one) as Attos

const FAULTS: readonly (readonly [FocusRule, string, readonly FocusRow[]])[] = [
  ['columns', 'a column of nobody', planted(isWhole, () => ({ BilledCosts: 1n }))],
  ['columns', 'a missing column', planted(isWhole, () => ({ InvoiceId: undefined }))],
  ['null', 'a null that must not be', planted(isWhole, () => ({ BilledCost: null }))],
  ['type', 'a number as text', planted(isWhole, () => ({ BilledCost: '1.5' }))],
  ['type', 'an empty text', planted(isWhole, () => ({ SkuId: '' }))],
  ['type', 'tags that are no object', planted(isWhole, () => ({ Tags: '["team"]' }))],
  ['allowed_value', 'a category of nobody', planted(isWhole, () => ({ ChargeCategory: 'Use' }))],
  [
    'unit_format',
    'a unit in small letters',
    planted(isWhole, () => ({ PricingUnit: '1M tokens' })),
  ],
  ['currency', 'another currency', planted(isWhole, () => ({ BillingCurrency: 'EUR' }))],
  ['billing_period', 'another month', planted(isWhole, () => ({ BillingPeriodStart: 0 }))],
  [
    'charge_period',
    'a charge of another month that corrects nothing',
    planted(isWhole, () => ({ ChargePeriodStart: START_MS - 1 })),
  ],
  [
    'charge_period',
    'an end before the start',
    planted(isWhole, (row) => ({ ChargePeriodEnd: row.ChargePeriodStart })),
  ],
  [
    'correction',
    'a correction of the month itself',
    planted(isCorrection, () => ({ ChargePeriodStart: START_MS })),
  ],
  ['correction', 'an issued invoice', planted(isCorrection, () => ({ InvoiceId: 'INV-1' }))],
  [
    'correction',
    'an adjustment that is none',
    planted(isCorrection, () => ({ ChargeClass: null })),
  ],
  ['sku_by_category', 'use without a SKU', planted(isWhole, () => ({ SkuPriceId: null }))],
  [
    'quantity_by_category',
    'use without a quantity',
    planted(isWhole, () => ({ PricingQuantity: null })),
  ],
  [
    'quantity_by_category',
    'a correction of cost alone with a quantity',
    planted(isCorrection, () => ({ PricingQuantity: one, PricingUnit: 'Units' })),
  ],
  ['price_by_category', 'a credit with a price', planted(isCredit, () => ({ ListUnitPrice: one }))],
  [
    'negative_price',
    'a price below nought',
    planted(isWhole, (row) => ({
      ListUnitPrice: 0n - (row.ListUnitPrice ?? 0n),
      ListCost: 0n - row.ListCost,
    })),
  ],
  ['quantity_without_unit', 'no unit', planted(isWhole, () => ({ ConsumedUnit: null }))],
  [
    'price_times_quantity',
    'a cost beside its price',
    planted(isWhole, (row) => ({ ListCost: more(row.ListCost) })),
  ],
  ['credit_cost', 'a credit of another amount', planted(isCredit, () => ({ ContractedCost: one }))],
  [
    'estimate_billed',
    'an estimate that is billed',
    planted(isWhole, () => ({ x_LedgerockIsEstimate: true })),
  ],
  ['one_sku_per_price', 'two SKUs of one price', planted(isWhole, () => ({ SkuId: 'other' }))],
  ['split_incomplete', 'a part of nobody', planted(isSplit, () => ({ AllocatedResourceId: null }))],
  [
    'split_incomplete',
    'a part without its method',
    planted(isSplit, () => ({ AllocatedMethodId: null })),
  ],
  [
    'split_ratio',
    'ratios that are not 1',
    planted(isSplit, () => ({ AllocatedMethodDetails: '{"Elements":[{"AllocatedRatio":0.9}]}' })),
  ],
  ['split_ratio', 'a part left out', ROWS.filter((row) => row !== ROWS.find(isSplit))],
  ['split_differs', 'another resource', planted(isSplit, () => ({ ResourceId: 'arn:other' }))],
  [
    'sum_of_billed',
    'a dollar more',
    planted(isWhole, (row) => ({ BilledCost: more(row.BilledCost) })),
  ],
  ['sum_of_billed', 'a row twice', [...ROWS, ROWS.find(isWhole) as FocusRow]],
]

describe('the rules of FOCUS', () => {
  it('[R52] finds nothing in a sound file', () => {
    expect(rulesFound(ROWS)).toEqual([])
  })

  it.each(FAULTS)('[R52] %s: finds %s', (rule, _, rows) => {
    expect(rulesFound(rows)).toContain(rule)
  })

  it('[R52] plants a fault for every rule', () => {
    expect(new Set(FAULTS.map(([rule]) => rule))).toEqual(new Set(FOCUS_RULES))
  })
})

/** `owner category class period cost quantity`. */
const said = (row: FocusRow): string =>
  [
    row.x_LedgerockTeam ?? '-',
    row.ChargeCategory,
    row.ChargeClass ?? '-',
    new Date(row.ChargePeriodStart).toISOString().slice(0, 7),
    formatAttos(row.BilledCost),
    row.PricingQuantity === null ? '-' : formatAttos(row.PricingQuantity),
  ].join(' ')

describe('corrections of a closed period', () => {
  const correct = (usdOf: Readonly<Record<string, string>>): readonly FocusRow[] => {
    const adjustments = Object.entries(usdOf).map(([team, amount], index) => ({
      ...ADJUSTMENT,
      adjustmentId: `adj-${index}`,
      owner: team === '' ? {} : { team },
      usd: usd(amount),
    }))
    return [...focusRows(monthOf({}, adjustments), null)]
  }

  it.each([
    // In the standard's examples R-111 was charged 1500, of which 300 belong to R-222; here they are teams.
    ['a partial reallocation', { one: '-300', two: '300' }, '0.0'],
    ['usage that came late', { one: '120' }, '120.0'],
    ['costs alone, item by item', { one: '0.01', two: '0.02' }, '0.03'],
    ['costs alone, in bulk', { '': '0.03' }, '0.03'],
  ] as const)('[R54] tells %s by increments in the open period', (_, amounts, sum) => {
    const rows = correct(amounts)
    expect(rows.map(said)).toEqual(
      Object.entries(amounts).map(
        ([team, amount]) =>
          `${team || '-'} Adjustment Correction 2026-09 ${formatAttos(attosOf(usd(amount)))} -`,
      ),
    )
    for (const row of rows) {
      expect(row.InvoiceId).toBe(null)
      expect(row.SkuPriceId).toBe(null)
      expect([row.ListCost, row.ContractedCost, row.EffectiveCost]).toEqual(
        Array.from({ length: 3 }, () => row.BilledCost),
      )
      expect(new Date(row.BillingPeriodStart).toISOString()).toBe('2026-10-01T00:00:00.000Z')
    }
    const total = rows.reduce((all, row) => all + row.BilledCost, 0n) as Attos
    expect(formatAttos(total)).toBe(sum)
    const expected = { period: '2026-10', currency: 'USD', billed: usd('0') }
    expect(checkFocus(rows, expected)).toEqual([])
  })
})

describe('prompt caching in FOCUS', () => {
  it('[R51] has a row and a SKU for each kind of token, with its price per million', () => {
    // The published example: half a million uncached, two million written, eight read, one and a half out.
    const KINDS = [
      ['input', 500_000, '1.5'],
      ['cache_write_5m', 2_000_000, '7.5'],
      ['cache_read', 8_000_000, '2.4'],
      ['output', 1_500_000, '22.5'],
    ] as const
    const month = monthOf({
      lines: KINDS.map(([kind, tokens, dollars]) =>
        line(0, tokens, { kind, usd: dollars, list: exactOf(dollars), usageType: `T-${kind}` }),
      ),
    })
    const rows = [...focusRows(month, null)].map((row) => [
      row.SkuMeter,
      formatAttos(row.ListUnitPrice ?? (0n as Attos)),
      formatAttos(row.PricingQuantity ?? (0n as Attos)),
      row.PricingUnit,
      formatAttos(row.BilledCost),
    ])
    expect(new Set(rows)).toEqual(
      new Set([
        ['Input Tokens', '3.0', '0.5', '1000000 Tokens', '1.5'],
        ['Cache Write Input Tokens (5 minutes)', '3.75', '2.0', '1000000 Tokens', '7.5'],
        ['Cache Read Input Tokens', '0.3', '8.0', '1000000 Tokens', '2.4'],
        ['Output Tokens', '15.0', '1.5', '1000000 Tokens', '22.5'],
      ]),
    )
  })
})
