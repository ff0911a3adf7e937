// The lines of a bill that no call makes: reservations, stores, support and other services as they stand, and what AWS does to
// the sums at the month's end: discounts as lines of their own, tax by account and seller, credits, refunds.

import type { BillLine, LineType } from './bill-line.ts'
import {
  DAY_MS,
  isKnown,
  SETTLED_AFTER_MS,
  type BillOptions,
  type Period,
  type StandingCharge,
} from './bill-options.ts'
import { NO_WORDS, type Words } from './bill-row.ts'
import type { Cause, Thing } from './bill-truth.ts'
import {
  attoOfText,
  minus,
  negative,
  NOTHING,
  plus,
  shareOf,
  times,
  type Attodollars,
} from './exact.ts'
import { SELLER_AWS, type Sale } from './sale.ts'

export function standingLines(period: Period, options: BillOptions): BillLine[] {
  return options.standing.flatMap((charge) => {
    const starts: number[] = []
    const width = charge.every === 'day' ? DAY_MS : period.endMs - period.startMs
    for (let at = period.startMs; at < period.endMs; at += width) starts.push(at)
    return starts
      .filter((startMs) => isKnown(options, startMs + width))
      .map((startMs) => standingLine(charge, startMs, startMs + width))
  })
}

function standingLine(charge: StandingCharge, startMs: number, endMs: number): BillLine {
  const rate = attoOfText(charge.rate)
  const tags: Words = Object.fromEntries(
    Object.entries(charge.resourceTags).map(([key, value]) => [`resourceTags/${key}`, value]),
  )
  return plainLine({
    startMs,
    endMs,
    accountId: charge.accountId,
    region: charge.region,
    type: charge.thing === 'support' ? 'Fee' : 'Usage',
    thing: charge.thing,
    sale: {
      scheme: 'other',
      usageType: charge.usageType,
      productCode: charge.productCode,
      serviceCode: charge.isMarketplace ? '' : charge.productCode,
      isMarketplace: charge.isMarketplace,
      productName: charge.productName,
      seller: charge.isMarketplace ? 'Anthropic, PBC' : SELLER_AWS,
      unit: charge.unit,
      unitSize: 1n,
      tail: charge.unit,
    },
    resourceId: charge.resourceId,
    tags,
    rate,
    quantity: BigInt(charge.quantity),
    amount: times(rate, BigInt(charge.quantity)),
    causes: [],
  })
}

/** What a usage line costs after the discount; other lines have none. */
export function netOf(line: BillLine, options: BillOptions): Attodollars {
  if (line.type === 'EdpDiscount') return NOTHING
  return minus(line.amount, discountOf(line, options))
}

export function discountOf(line: BillLine, options: BillOptions): Attodollars {
  const isOff = line.sale.isMarketplace && !options.discountsMarketplace
  if (line.type !== 'Usage' || isOff) return NOTHING
  return shareOf(line.amount, options.discountBasisPoints)
}

/** One line for each account and usage type; the dollars also stand in the net of the lines they come from. */
export function discountLines(
  lines: readonly BillLine[],
  period: Period,
  options: BillOptions,
): BillLine[] {
  if (!options.discountLines) return []
  const sums = new Map<string, { readonly line: BillLine; amount: Attodollars }>()
  for (const line of lines) {
    const off = discountOf(line, options)
    if (off === 0n) continue
    const key = `${line.accountId} ${line.sale.productCode} ${line.sale.usageType}`
    const sum = sums.get(key) ?? { line, amount: NOTHING }
    sum.amount = plus(sum.amount, off)
    sums.set(key, sum)
  }
  return [...sums.values()].map(({ line, amount }) =>
    plainLine({
      startMs: period.startMs,
      endMs: period.endMs,
      accountId: line.accountId,
      region: line.region,
      type: 'EdpDiscount',
      // What is taken off another service's line is as little Bedrock's as the line.
      thing: line.thing === 'other' ? 'other' : 'discount',
      sale: { ...line.sale, tail: 'Enterprise discount' },
      resourceId: '',
      tags: NO_WORDS,
      rate: NOTHING,
      quantity: 0n,
      amount: negative(amount),
      causes: ['discount'],
    }),
  )
}

/** Tax on the net, for each account and seller; AWS writes it when the month is over. */
export function taxLines(
  lines: readonly BillLine[],
  period: Period,
  options: BillOptions,
): BillLine[] {
  if (options.taxBasisPoints === 0 || !isSettled(period, options)) return []
  const sums = new Map<string, { readonly line: BillLine; net: Attodollars }>()
  for (const line of lines) {
    const key = `${line.accountId} ${line.sale.productCode} ${line.sale.seller}`
    const sum = sums.get(key) ?? { line, net: NOTHING }
    sum.net = plus(sum.net, netOf(line, options))
    sums.set(key, sum)
  }
  return [...sums.values()].map(({ line, net }) =>
    plainLine({
      startMs: period.startMs,
      endMs: period.endMs,
      accountId: line.accountId,
      region: line.region,
      type: 'Tax',
      thing: ['other', 'support'].includes(line.thing) ? 'other' : 'tax',
      sale: {
        ...line.sale,
        usageType: '',
        unit: '',
        tail: `Tax for product code ${line.sale.productCode}`,
      },
      resourceId: '',
      tags: NO_WORDS,
      rate: NOTHING,
      quantity: 1n,
      amount: shareOf(net, options.taxBasisPoints),
      causes: ['tax'],
    }),
  )
}

export function givenBack(period: Period, options: BillOptions): BillLine[] {
  if (!isSettled(period, options)) return []
  const line = (
    type: 'Credit' | 'Refund',
    accountId: string,
    usd: string,
    usageType: string,
    tail: string,
  ): BillLine =>
    plainLine({
      startMs: period.startMs,
      endMs: period.endMs,
      accountId,
      region: 'us-east-1',
      type,
      thing: type === 'Credit' ? 'credit' : 'refund',
      sale: {
        scheme: 'other',
        usageType,
        productCode: 'AmazonBedrock',
        serviceCode: 'AmazonBedrock',
        isMarketplace: false,
        productName: 'Amazon Bedrock',
        seller: SELLER_AWS,
        unit: '',
        unitSize: 1n,
        tail,
      },
      resourceId: '',
      tags: NO_WORDS,
      rate: NOTHING,
      quantity: 0n,
      amount: negative(attoOfText(usd)),
      causes: type === 'Credit' ? ['credit'] : [],
    })
  return [
    ...options.credits.map(({ accountId, usd, description }) =>
      line('Credit', accountId, usd, '', description),
    ),
    ...options.refunds.map(({ accountId, usd, usageType }) =>
      line('Refund', accountId, usd, usageType, 'Refund of a service outage'),
    ),
  ]
}

function isSettled({ endMs }: Period, options: BillOptions): boolean {
  return isKnown(options, endMs + SETTLED_AFTER_MS)
}

type PlainLine = {
  readonly startMs: number
  readonly endMs: number
  readonly accountId: string
  readonly region: string
  readonly type: LineType
  readonly thing: Thing
  readonly sale: Sale
  readonly resourceId: string
  readonly tags: Words
  readonly rate: Attodollars
  readonly quantity: bigint
  readonly amount: Attodollars
  readonly causes: readonly Cause[]
}

/** Without model, principal or owner: its dollars are a pool's. */
function plainLine(line: PlainLine): BillLine {
  const { amount, quantity } = line
  return {
    ...line,
    operation: line.thing === 'provisioned' ? 'ProvisionedThroughput' : '',
    principal: '',
    modelId: null,
    kind: null,
    isUnlisted: false,
    listRate: line.rate,
    parts: [{ owner: null, isMetered: false, isEstimated: false, quantity, amount }],
    causes: new Set(line.causes),
  }
}
