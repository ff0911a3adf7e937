// What FOCUS asks of rows, checked by us: the structure each row must have, and what no look at a single row can see (sums, splits, one
// SKU for a price). A file that breaks a rule is found here and not by whoever loads it.

import type { Picodollars } from '../../kernel/money.ts'
import { monthBounds } from './focus-period.ts'
import {
  attosOf,
  ATTOS_PER_ONE,
  ATTOS_PER_PICODOLLAR,
  formatAttos,
  FOCUS_COLUMN_NAMES,
  FOCUS_COLUMNS,
  type Attos,
  type FocusColumn,
  type FocusRow,
  type FocusType,
} from './focus-row.ts'
import { splitCheck } from './focus-splits.ts'
import type { FocusRule } from './focus-rule.ts'

export type FocusFinding = {
  readonly rule: FocusRule
  /** From 0; null: of all rows. */
  readonly row: number | null
  readonly column: FocusColumn | null
  readonly detail: string
}

export type FocusExpectation = {
  readonly period: string
  readonly currency: string
  /** Of the rows that correct nothing; null: the rows are not a whole bill, and splits may lack parts. */
  readonly billed: Picodollars | null
}

export function checkFocus(
  rows: Iterable<FocusRow>,
  expected: FocusExpectation,
): readonly FocusFinding[] {
  const findings: FocusFinding[] = []
  const skus = new Map<string, string | null>()
  const splits = splitCheck((rule, row, column, detail) => {
    findings.push({ rule, row, column, detail })
  })
  let billed = 0n
  let index = 0
  for (const row of rows) {
    const find = (rule: FocusRule, column: FocusColumn | null, detail: string): void => {
      findings.push({ rule, row: index, column, detail })
    }
    if (checkStructure(row, find)) {
      checkPeriods(row, expected, find)
      checkCategory(row, find)
      checkCosts(row, find)
      if (row.SkuPriceId !== null) {
        const known = skus.get(row.SkuPriceId) ?? row.SkuId
        skus.set(row.SkuPriceId, known)
        if (known !== row.SkuId) find('one_sku_per_price', 'SkuPriceId', row.SkuPriceId)
      }
      if (expected.billed !== null) splits.see(index, row)
      if (row.x_LedgerockAdjustmentId === null) billed += row.BilledCost
    }
    index += 1
  }
  if (expected.billed !== null) {
    splits.end()
    if (billed !== attosOf(expected.billed)) {
      const off = billed - attosOf(expected.billed)
      const detail = `${formatAttos(off as Attos)} more than the bill has`
      findings.push({ rule: 'sum_of_billed', row: null, column: 'BilledCost', detail })
    }
  }
  return findings
}

type Find = (rule: FocusRule, column: FocusColumn | null, detail: string) => void

/** False where the row is not fit to be looked at further. */
function checkStructure(row: FocusRow, find: Find): boolean {
  let isSound = true
  const broken = (rule: FocusRule, column: FocusColumn | null, detail: string): void => {
    isSound = false
    find(rule, column, detail)
  }
  const unknown = Object.keys(row).filter((name) => !Object.hasOwn(FOCUS_COLUMNS, name))
  for (const name of unknown) broken('columns', null, `${name} is no column`)
  for (const name of FOCUS_COLUMN_NAMES) {
    const spec: { type: FocusType; nullable: boolean; values?: readonly string[] } =
      FOCUS_COLUMNS[name]
    const value: unknown = row[name]
    if (value === undefined) broken('columns', name, 'is missing')
    else if (value === null) {
      if (!spec.nullable) broken('null', name, 'must not be null')
    } else if (!isOfType(value, spec.type)) broken('type', name, `is no ${spec.type}`)
    else if (spec.values !== undefined && !spec.values.includes(value as string))
      broken('allowed_value', name, `may not be ${value as string}`)
  }
  return isSound
}

function isOfType(value: unknown, type: FocusType): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value !== ''
    case 'decimal':
      return typeof value === 'bigint'
    case 'time':
      return Number.isInteger(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'json':
      return typeof value === 'string' && isObject(value)
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function checkPeriods(row: FocusRow, { period, currency }: FocusExpectation, find: Find): void {
  const { fromMs, toMs } = monthBounds(period)
  if (row.BillingCurrency !== currency)
    find('currency', 'BillingCurrency', `${row.BillingCurrency} where the bill has ${currency}`)
  if (row.BillingPeriodStart !== fromMs || row.BillingPeriodEnd !== toMs)
    find('billing_period', 'BillingPeriodStart', `is not ${period}`)
  if (row.ChargePeriodEnd <= row.ChargePeriodStart)
    find('charge_period', 'ChargePeriodEnd', 'is not after its start')
  const isWithin = row.ChargePeriodStart >= fromMs && row.ChargePeriodEnd <= toMs
  if (row.ChargeClass === null && !isWithin)
    find('charge_period', 'ChargePeriodStart', 'lies outside the billing period')
  if (row.ChargeClass === 'Correction') {
    if (row.ChargePeriodStart >= fromMs)
      find('correction', 'ChargePeriodStart', 'corrects no earlier period')
  }
  if (row.x_LedgerockAdjustmentId !== null && row.ChargeClass !== 'Correction')
    find('correction', 'ChargeClass', 'an adjustment is a correction')
  if (row.x_LedgerockAdjustmentId !== null && row.InvoiceId !== null)
    find('correction', 'InvoiceId', 'must not be that of an invoice that was issued')
}

const QUANTITIES = ['PricingQuantity', 'ConsumedQuantity'] as const
const PRICES = ['ListUnitPrice', 'ContractedUnitPrice'] as const

function checkCategory(row: FocusRow, find: Find): void {
  const { ChargeCategory: category, ChargeClass, SkuPriceId } = row
  const mayLack = ChargeClass === 'Correction'
  const isPriced = category === 'Usage' || category === 'Purchase'
  for (const column of ['SkuId', 'SkuPriceId'] as const) {
    if (isPriced && !mayLack && row[column] === null)
      find('sku_by_category', column, `a ${category} has one`)
    if (category === 'Tax' && row[column] !== null)
      find('sku_by_category', column, 'a tax has none')
  }
  for (const column of QUANTITIES) {
    const isMeant = column === 'PricingQuantity' ? isPriced : category === 'Usage'
    const isForbidden =
      SkuPriceId === null || category === 'Tax' || (column === 'ConsumedQuantity' && !isMeant)
    if (isMeant && !mayLack && row[column] === null)
      find('quantity_by_category', column, `a ${category} has one`)
    if (isForbidden && row[column] !== null)
      find('quantity_by_category', column, `a ${category} without a SKU price has none`)
  }
  for (const column of PRICES) {
    const price = row[column]
    if (isPriced && !mayLack && price === null)
      find('price_by_category', column, `a ${category} has one`)
    if ((SkuPriceId === null || category === 'Tax') && price !== null)
      find('price_by_category', column, `a ${category} without a SKU price has none`)
    if (price !== null && price < 0n) find('negative_price', column, 'is below nought')
  }
  checkUnits(row, find)
}

const UNIT = /^(?:[1-9]\d* )?[A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)*(?:\/(?:[1-9]\d* )?[A-Z][a-z]+)?$/

function checkUnits(row: FocusRow, find: Find): void {
  for (const quantity of QUANTITIES) {
    const unit = quantity === 'PricingQuantity' ? 'PricingUnit' : 'ConsumedUnit'
    if ((row[quantity] === null) !== (row[unit] === null))
      find('quantity_without_unit', unit, 'quantity and unit go together')
    const text = row[unit]
    if (text !== null && !UNIT.test(text)) find('unit_format', unit, `${text} is no unit`)
  }
}

function checkCosts(row: FocusRow, find: Find): void {
  const quantity = row.PricingQuantity
  for (const price of PRICES) {
    const cost = price === 'ListUnitPrice' ? 'ListCost' : 'ContractedCost'
    const each = row[price]
    if (each === null || quantity === null) continue
    if (each * quantity !== row[cost] * ATTOS_PER_ONE)
      find('price_times_quantity', cost, `is not ${price} × PricingQuantity`)
  }
  if (row.ChargeCategory === 'Credit' && row.ContractedCost !== row.BilledCost)
    find('credit_cost', 'ContractedCost', 'a credit is what is billed')
  if (row.x_LedgerockIsEstimate && row.BilledCost !== 0n)
    find('estimate_billed', 'BilledCost', 'an estimate is not billed')
  if (row.BilledCost % ATTOS_PER_PICODOLLAR !== 0n)
    find('type', 'BilledCost', 'is no whole number of picodollars')
}
