// A month as FOCUS 1.4 rows: a row for each part of each line that an owner has, corrections of earlier months, and what is metered and
// not billed yet. Billed cost comes from the bill and from nowhere else: without corrections it adds up to the bill, and for an
// owner to that owner's shares.

import { createHash } from 'node:crypto'
import type { Picodollars } from '../../kernel/money.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { BilledLine, MeteredUse } from '../cell.ts'
import { exactOfPicodollars, type Exact } from '../exact.ts'
import { monthBounds } from './focus-period.ts'
import {
  consumedOf,
  dividedSteps,
  pricedLine,
  pricingQuantityOf,
  productOf,
  ratiosOf,
  type Priced,
} from './focus-price.ts'
import { attosOf, FOCUS_COLUMNS, type Attos, type FocusRow } from './focus-row.ts'
import {
  AWS,
  AWS_ENTITY,
  categoryOf,
  frequencyOf,
  isPriced,
  meterOf,
  pricingCategoryOf,
  resourceTypeOf,
  sellerOf,
  skuOf,
  skuPriceOf,
} from './focus-words.ts'
import type { RoundedShare } from '../give.ts'
import { lineParts, type DividedLine, type LinePart } from '../line-parts.ts'
import { isNobody, type Owner } from '../owner.ts'
import type { Reconciliation, ReconcileAsk } from '../reconcile.ts'
import type { BillFacts } from '../report.ts'
import { isNobodys, isOf } from '../statement/statement-lines.ts'

/** What a month says beside its rows. */
export type FocusFrame = {
  readonly period: string
  readonly currency: string
  /** Who pays what no line of the bill says the payer of. */
  readonly billingAccountId: string
  readonly invoices: BillFacts['invoices']
}

export type FocusAdjustment = {
  readonly adjustmentId: string
  /** The month it corrects. */
  readonly chargePeriod: string
  readonly owner: Owner
  readonly modelId: string
  readonly basis: string
  readonly usd: Picodollars
  readonly reason: string
}

export type FocusMonth = {
  readonly frame: FocusFrame
  /** Of the net cost: what is paid. */
  readonly ask: ReconcileAsk
  readonly reconciled: Reconciliation
  readonly adjustments: readonly FocusAdjustment[]
}

/** `owner`: only rows of an owner, as a statement means it; null: all rows. */
export function* focusRows(
  month: FocusMonth,
  owner: Owner | null,
  /** Worked out before, where the rows are gone through more than once. */
  divided: readonly DividedLine[] = lineParts(month.ask, month.reconciled),
): Generator<FocusRow> {
  const { frame, ask } = month
  const origins = new Map<string, number>()
  for (const line of divided) yield* rowsOfLine(frame, line, owner, origins)
  yield* correctionRows(frame, month.adjustments, owner)
  const { billedUntilMs } = ask
  if (billedUntilMs === null) return
  for (const use of ask.metered) {
    const isUnbilled = use.hourMs >= billedUntilMs && use.usd !== null && use.tokens > 0n
    if (isUnbilled && isOf(owner, { owner: use.owner, basis: 'metered' }))
      yield estimatedRow(frame, use)
  }
}

/** Of a closed month whose bill has changed since: what was frozen, a row for each share. */
export function* focusRowsOfShares(
  frame: FocusFrame,
  shares: readonly RoundedShare[],
  apart: readonly { readonly name: string; readonly apart: Picodollars }[],
  adjustments: readonly FocusAdjustment[],
  owner: Owner | null,
): Generator<FocusRow> {
  for (const share of shares) {
    if (!isOf(owner, share)) continue
    const { modelId, dayMs, usd } = share
    const line = frozenLine(frame, modelId, dayMs, usd)
    yield wholeRow(frame, line, { ...share, weight: 1n })
  }
  for (const pool of owner === null ? apart : []) {
    if (pool.apart === 0n) continue
    const part = { owner: {}, basis: 'apart', reason: pool.name, weight: 1n } as const
    const line = frozenLine(frame, '', null, pool.apart)
    yield wholeRow(frame, line, { ...part, usd: pool.apart, metered: 0n as Picodollars })
  }
  yield* correctionRows(frame, adjustments, owner)
}

function* rowsOfLine(
  frame: FocusFrame,
  { line, parts, method }: DividedLine,
  owner: Owner | null,
  origins: Map<string, number>,
): Generator<FocusRow> {
  const [first] = parts
  if (method === null && first !== undefined) {
    if (isOf(owner, first)) yield wholeRow(frame, line, first)
    return
  }
  const digest = originIdOf(line)
  // AWS may charge the same words twice; those are two charges.
  const place = (origins.get(digest) ?? 0) + 1
  origins.set(digest, place)
  const originId = place === 1 ? digest : `${digest}-${place}`
  const weights = parts.map(({ weight }) => weight)
  const ratios = ratiosOf(weights, originId)
  const priced = pricedLine(line)
  const steps = dividedSteps(priced.steps, weights, originId)
  for (const [index, part] of parts.entries()) {
    if (!isOf(owner, part)) continue
    const row = rowOf(frame, line, part, { ...priced, steps: steps[index] as bigint })
    const isUnallocated = isNobodys(part.basis) || isNobody(part.owner)
    const name = isUnallocated ? null : ownerName(part.owner)
    // Numbers with their own digits, as the standard's schema wants; a ratio of twelve decimals is the same one as a double.
    const ratio = ratios[index] as string
    const usage =
      method === 'metered_tokens' ? `,"UsageUnit":"Tokens","UsageQuantity":${part.weight}` : ''
    yield {
      ...row,
      AllocatedMethodId: `ledgerock/${method ?? ''}`,
      AllocatedMethodDetails: `{"Elements":[{"AllocatedRatio":${ratio}${usage}}]}`,
      AllocatedResourceId: name,
      AllocatedResourceName: name,
      AllocatedTags: isUnallocated ? null : JSON.stringify(part.owner),
      x_LedgerockOriginId: originId,
    }
  }
}

/** A charge that is one owner's: its tags say whose. */
function wholeRow(frame: FocusFrame, line: BilledLine, part: LinePart): FocusRow {
  const row = rowOf(frame, line, part, pricedLine(line))
  return { ...row, Tags: tagsOf({ ...line.tags, ...part.owner }) }
}

/** The same for all parts of a charge, but for its owner, its cost and its quantity. */
function rowOf(frame: FocusFrame, line: BilledLine, part: LinePart, priced: Priced): FocusRow {
  const { fromMs, toMs } = monthBounds(frame.period)
  const category = categoryOf(line.thing)
  const billed = attosOf(part.usd)
  const invoiceId = line.invoiceId === undefined || line.invoiceId === '' ? null : line.invoiceId
  const issuer = frame.invoices.find((invoice) => invoice.invoice_id === invoiceId)?.issuer ?? ''
  const resourceId = line.resourceId === '' ? null : line.resourceId
  return {
    AllocatedMethodDetails: null,
    AllocatedMethodId: null,
    AllocatedResourceId: null,
    AllocatedResourceName: null,
    AllocatedTags: null,
    BilledCost: billed,
    BillingAccountId:
      line.payerId === undefined || line.payerId === '' ? frame.billingAccountId : line.payerId,
    BillingAccountName: null,
    BillingAccountType: 'Payer Account',
    BillingCurrency: frame.currency,
    BillingPeriodEnd: toMs,
    BillingPeriodStart: fromMs,
    ChargeCategory: category,
    // What AWS bills now for an earlier month mends a month it has closed.
    ChargeClass: line.fromMs < fromMs ? 'Correction' : null,
    ChargeDescription: descriptionOf(line),
    ChargeFrequency: frequencyOf(category),
    ChargePeriodEnd: line.toMs > line.fromMs ? line.toMs : line.fromMs + MS_PER_HOUR,
    ChargePeriodStart: line.fromMs,
    EffectiveCost: billed,
    HostProviderName: AWS,
    InvoiceId: invoiceId,
    InvoiceIssuerName: issuer === '' ? AWS_ENTITY : issuer,
    RegionId: line.region === '' ? null : line.region,
    RegionName: line.region === '' ? null : line.region,
    ResourceId: resourceId,
    ResourceName: null,
    ResourceType: resourceId === null ? null : resourceTypeOf(resourceId),
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: 'Amazon Bedrock',
    ServiceProviderName: sellerOf(line),
    ServiceSubcategory: 'Generative AI',
    SubAccountId: line.accountId === '' ? null : line.accountId,
    SubAccountName: null,
    SubAccountType: line.accountId === null || line.accountId === '' ? null : 'Linked Account',
    Tags: tagsOf(line.tags),
    ...pricedColumns(line, priced, billed),
    ...ownerColumns(part.owner),
    x_LedgerockBasis: part.basis,
    x_LedgerockReason: part.reason,
    x_LedgerockMeteredCost: part.basis === 'metered' ? attosOf(part.metered) : null,
    x_LedgerockIsEstimate: false,
    x_LedgerockOriginId: null,
    x_LedgerockAdjustmentId: null,
    x_LedgerockModelId: line.modelId === '' ? null : line.modelId,
    x_LedgerockUsageType: line.usageType === '' ? null : line.usageType,
    x_LedgerockPrincipal: line.principal === '' ? null : line.principal,
  }
}

/** What a SKU has: taxes, credits and adjustments have none, and cost what they are billed. */
function pricedColumns(line: BilledLine, priced: Priced, billed: Attos) {
  const category = categoryOf(line.thing)
  const { measure, steps, listUnitPrice, contractedUnitPrice } = priced
  const isCounted = isPriced(category)
  const isUsage = category === 'Usage'
  return {
    ConsumedQuantity: isUsage ? consumedOf(steps, measure) : null,
    ConsumedUnit: isUsage ? measure.consumedUnit : null,
    ContractedCost: isCounted ? productOf(contractedUnitPrice, steps, measure) : billed,
    ContractedUnitPrice: isCounted ? contractedUnitPrice : null,
    ListCost: isCounted ? productOf(listUnitPrice, steps, measure) : billed,
    ListUnitPrice: isCounted ? listUnitPrice : null,
    PricingCategory: pricingCategoryOf(line),
    PricingQuantity: isCounted ? pricingQuantityOf(steps, measure) : null,
    PricingUnit: isCounted ? measure.pricingUnit : null,
    SkuId: isCounted ? skuOf(line) : null,
    SkuMeter: isCounted ? meterOf(line) : null,
    SkuPriceDetails: isCounted ? skuDetailsOf(line) : null,
    SkuPriceId: isCounted ? skuPriceOf(line) : null,
  }
}

function* correctionRows(
  frame: FocusFrame,
  adjustments: readonly FocusAdjustment[],
  owner: Owner | null,
): Generator<FocusRow> {
  for (const adjustment of adjustments) {
    if (isOf(owner, adjustment)) yield correctionRow(frame, adjustment)
  }
}

/** Cost only, in the month that is open, of the month it was incurred in; its invoice is not the one that was issued. */
function correctionRow(frame: FocusFrame, adjustment: FocusAdjustment): FocusRow {
  const charged = monthBounds(adjustment.chargePeriod)
  const { modelId, usd, owner, reason, adjustmentId } = adjustment
  const line = { ...frozenLine(frame, modelId, null, usd), ...charged, thing: 'other' as const }
  const basis =
    FOCUS_COLUMNS.x_LedgerockBasis.values.find((each) => each === adjustment.basis) ?? 'shared'
  const part: LinePart = { owner, basis, reason, usd, metered: 0n as Picodollars, weight: 1n }
  return {
    ...wholeRow(frame, line, part),
    ChargeClass: 'Correction',
    ChargeDescription: `Correction of ${adjustment.chargePeriod}: ${reason}`,
    x_LedgerockMeteredCost: null,
    x_LedgerockAdjustmentId: adjustmentId,
  }
}

/** Metered after what is billed; a cost that nobody has invoiced is in no billed cost. */
function estimatedRow(frame: FocusFrame, use: MeteredUse): FocusRow {
  const usd = use.usd ?? (0n as Picodollars)
  const cost = exactOfPicodollars(usd)
  const { hourMs, tokens } = use
  const line: BilledLine = {
    ...frozenLine(frame, use.modelId, null, usd),
    ...use,
    fromMs: hourMs,
    toMs: hourMs + MS_PER_HOUR,
    usageType: 'metered',
    quantity: (tokens * 10n ** 30n) as Exact,
    unblended: cost,
    net: cost,
    list: cost,
  }
  const part = { owner: use.owner, basis: 'metered', reason: 'not_billed_yet', weight: 1n } as const
  const row = wholeRow(frame, line, { ...part, usd, metered: usd })
  return { ...row, BilledCost: attosOf(0n as Picodollars), x_LedgerockIsEstimate: true }
}

/** What is known of a share without its lines. */
function frozenLine(
  { period }: FocusFrame,
  modelId: string,
  dayMs: number | null,
  usd: Picodollars,
): BilledLine {
  const month = monthBounds(period)
  const cost = exactOfPicodollars(usd)
  return {
    accountId: null,
    region: '',
    modelId,
    kind: '',
    scope: null,
    tier: null,
    sort: '',
    principal: '',
    thing: 'usage',
    usageType: '',
    resourceId: '',
    tags: {},
    fromMs: dayMs ?? month.fromMs,
    toMs: dayMs === null ? month.toMs : dayMs + 24 * MS_PER_HOUR,
    unmappedReason: '',
    quantity: null,
    unblended: cost,
    net: cost,
    list: cost,
    rows: 1,
  }
}

/** Short, and the same for the same charge in every file. */
function originIdOf(line: BilledLine): string {
  const { accountId, region, modelId, kind, scope, tier, sort, principal, thing } = line
  const { usageType, resourceId, fromMs, toMs, tags, invoiceId = '', payerId = '' } = line
  const cell = [payerId, accountId, region, modelId, kind, scope, tier, sort, principal, thing]
  const words = [...cell, usageType, resourceId, invoiceId, fromMs, toMs, tagsOf(tags)]
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, ORIGIN_DIGITS)
}

const ORIGIN_DIGITS = 24

function ownerName(owner: Owner): string {
  const words = Object.entries(owner).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return words.map(([dimension, value]) => `${dimension}=${value}`).join(',')
}

function ownerColumns(owner: Owner) {
  return {
    x_LedgerockTeam: owner['team'] ?? null,
    x_LedgerockApplication: owner['application'] ?? null,
    x_LedgerockEnvironment: owner['environment'] ?? null,
    x_LedgerockCostCenter: owner['cost_center'] ?? null,
    x_LedgerockFeature: owner['feature'] ?? null,
    x_LedgerockWorkflowId: owner['workflow_id'] ?? null,
    x_LedgerockTenantId: owner['tenant_id'] ?? null,
    x_LedgerockDimensions: isNobody(owner) ? null : tagsOf(owner),
  }
}

/** One text for the same words, whatever their order. */
function tagsOf(words: Readonly<Record<string, string>>): string | null {
  const entries = Object.entries(words)
  if (entries.length === 0) return null
  return JSON.stringify(
    Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1))),
  )
}

function skuDetailsOf({ modelId, scope, tier, sort }: BilledLine): string | null {
  return tagsOf({
    ...(modelId === '' ? {} : { x_ModelId: modelId }),
    ...(scope === null ? {} : { x_ServingScope: scope }),
    ...(tier === null ? {} : { x_ServiceTier: tier }),
    ...(sort === '' ? {} : { x_Variant: sort }),
  })
}

function descriptionOf(line: BilledLine): string {
  const what = line.modelId === '' ? 'Amazon Bedrock' : line.modelId
  const type = line.usageType === '' ? '' : ` (${line.usageType})`
  return `${what}: ${meterOf(line)}${type}`
}
