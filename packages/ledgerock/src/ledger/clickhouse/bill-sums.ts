// Sums of a delivery from the sums of its words: exact decimals, which the engine prints and nobody rounds.

import type { WordSumRow } from './bill-import-sql.ts'

const DECIMALS = 30

/** The exact sum of plain decimals of at most thirty places. */
export function sumOf(amounts: readonly string[]): string {
  return textOf(amounts.reduce((sum, amount) => sum + digitsOf(amount), 0n))
}

/** `left` less `right`. */
export function lessOf(left: string, right: string): string {
  return textOf(digitsOf(left) - digitsOf(right))
}

function digitsOf(amount: string): bigint {
  const negative = amount.startsWith('-')
  const [whole = '0', fraction = ''] = amount.replace(/^[-+]/, '').split('.')
  const digits = BigInt(whole + fraction.padEnd(DECIMALS, '0'))
  return negative ? -digits : digits
}

function textOf(digits: bigint): string {
  const negative = digits < 0n
  const all = (negative ? -digits : digits).toString().padStart(DECIMALS + 1, '0')
  const fraction = all.slice(-DECIMALS).replace(/0+$/, '')
  return `${negative ? '-' : ''}${all.slice(0, -DECIMALS)}${fraction === '' ? '' : `.${fraction}`}`
}

export type DeliverySums = {
  readonly rows: number
  readonly bedrockRows: number
  readonly unblended: string
  readonly net: string
  readonly aside: { readonly rows: number; readonly usd: string }
  readonly faults: number
  readonly rateMismatches: { readonly rows: number; readonly usd: string }
  readonly currencies: readonly string[]
  readonly periods: readonly string[]
}

export function deliverySums(rows: readonly WordSumRow[]): DeliverySums {
  const own = rows.filter(({ bedrock }) => bedrock === 1)
  const other = rows.filter(({ bedrock }) => bedrock === 0)
  const count = (some: readonly WordSumRow[]): number =>
    some.reduce((sum, each) => sum + each.rows, 0)
  const said = (texts: readonly string[]): readonly string[] =>
    [...new Set(texts)].filter((each) => each !== '').toSorted()
  return {
    rows: count(rows),
    bedrockRows: count(own),
    unblended: sumOf(own.map((row) => row.unblended_sum)),
    net: sumOf(own.map((row) => row.net_sum)),
    aside: { rows: count(other), usd: sumOf(other.map((row) => row.unblended_sum)) },
    faults: own.reduce((sum, row) => sum + row.faults, 0),
    rateMismatches: {
      rows: own.reduce((sum, row) => sum + row.rate_rows, 0),
      usd: sumOf(own.map((row) => row.rate_usd)),
    },
    currencies: said(own.flatMap((row) => row.currencies)),
    periods: said(rows.flatMap((row) => row.periods)),
  }
}
