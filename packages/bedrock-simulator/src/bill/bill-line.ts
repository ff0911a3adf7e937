// A line of the bill before it is written into columns: exact dollars, its parts by true owner, and what it is about. Lines of
// usage are the sum of all uses that share time, account, words, price, resource, principal and tags, as AWS adds them up.

import type { BilledCall } from './billed-call.ts'
import { bucketOf, type BillOptions, type Period } from './bill-options.ts'
import { NO_WORDS, type Words } from './bill-row.ts'
import type { Cause, Owner, Thing } from './bill-truth.ts'
import { shownTags, type BillWorld } from './bill-world.ts'
import { NOTHING, plus, times, type Attodollars } from './exact.ts'
import type { Sale } from './sale.ts'
import type { Use } from './uses.ts'

export const LINE_TYPES = ['Usage', 'Tax', 'Credit', 'Refund', 'Fee', 'EdpDiscount'] as const
export type LineType = (typeof LINE_TYPES)[number]

export type LinePart = {
  readonly owner: Owner | null
  readonly isMetered: boolean
  /** Its cell and day hold an estimated count. */
  readonly isEstimated: boolean
  quantity: bigint
  amount: Attodollars
}

export type BillLine = {
  readonly startMs: number
  readonly endMs: number
  readonly accountId: string
  readonly region: string
  readonly type: LineType
  readonly thing: Thing
  readonly sale: Sale
  readonly operation: string
  readonly resourceId: string
  readonly principal: string
  readonly tags: Words
  readonly modelId: string | null
  readonly kind: string | null
  readonly isUnlisted: boolean
  /** Of one token, image, …; a plain unit where the sale's unit size is one. */
  readonly rate: Attodollars
  readonly listRate: Attodollars
  /** Whole tokens, images, hours. */
  quantity: bigint
  amount: Attodollars
  readonly parts: LinePart[]
  readonly causes: Set<Cause>
}

export function usageLines(
  uses: readonly Use[],
  period: Period,
  world: BillWorld,
  options: BillOptions,
): BillLine[] {
  const estimated = new Set(uses.filter((use) => use.isEstimated).map(cellDay))
  const lines = new Map<string, BillLine>()
  const parts = new Map<string, LinePart>()
  for (const use of uses) {
    const draft = lineOf(use, period, world, options)
    const key = JSON.stringify([
      draft.startMs,
      draft.accountId,
      draft.sale.usageType,
      draft.sale.productCode,
      draft.operation,
      draft.resourceId,
      draft.principal,
      draft.tags,
      draft.modelId,
      draft.rate.toString(),
      draft.sale.tail,
    ])
    const line = lines.get(key) ?? draft
    lines.set(key, line)
    const isEstimated = use.call.meteredUsage !== null && estimated.has(cellDay(use))
    const partKey = `${key} ${JSON.stringify(use.call.owner)} ${use.call.meteredUsage !== null} ${isEstimated}`
    const part = parts.get(partKey) ?? partOf(use, isEstimated)
    if (!parts.has(partKey)) line.parts.push(part)
    parts.set(partKey, part)
    const amount = times(use.rate, use.quantity)
    line.quantity += use.quantity
    line.amount = plus(line.amount, amount)
    part.quantity += use.quantity
    part.amount = plus(part.amount, amount)
    for (const cause of causesOf(use)) line.causes.add(cause)
  }
  return [...lines.values()]
}

function partOf({ call }: Use, isEstimated: boolean): LinePart {
  const isMetered = call.meteredUsage !== null
  return { owner: call.owner, isMetered, isEstimated, quantity: 0n, amount: NOTHING }
}

/** In these a reader may see counts that do not agree, whatever the hour. */
function cellDay({ call, kind }: Use): string {
  const day = Math.floor(call.billedAtMs / 86_400_000)
  const { accountId, region, modelId, scope, tier, principal } = call
  return [accountId, region, modelId, kind, scope === 'global', tier, principal, day].join(' ')
}

function causesOf(use: Use): readonly Cause[] {
  const { call } = use
  const causes: Cause[] = []
  if (call.meteredUsage === null) causes.push('unmetered')
  if (use.rate !== use.listRate) causes.push('price')
  if (call.billedAtMs !== call.atMs) causes.push('late')
  if (use.isEstimated) causes.push('estimate')
  if (use.isUnlisted) causes.push('unmapped_usage_type')
  return causes
}

function lineOf(use: Use, period: Period, world: BillWorld, options: BillOptions): BillLine {
  const { call, sale } = use
  const [startMs, endMs] = bucketOf(options.granularity, period, call.billedAtMs)
  const isGuardrail = call.operation !== 'inference'
  // Identities stand on lines of inference only.
  const isNamed = options.principals && !isGuardrail
  const principal =
    isNamed && (!sale.isMarketplace || options.marketplacePrincipals) ? call.principal : ''
  return {
    startMs,
    endMs,
    accountId: call.accountId,
    region: call.region,
    type: 'Usage',
    thing: isGuardrail ? 'guardrail' : 'usage',
    sale,
    operation: operationOf(call, period),
    resourceId: options.resources ? call.resourceId : '',
    principal,
    tags: tagsOf(call, principal, world, options),
    modelId: isGuardrail ? null : call.modelId,
    kind: use.kind,
    isUnlisted: use.isUnlisted,
    rate: use.rate,
    listRate: use.listRate,
    quantity: 0n,
    amount: NOTHING,
    parts: [],
    causes: new Set(),
  }
}

/** Until January 2026 every line said just `Usage`. */
function operationOf(call: BilledCall, { startMs }: Period): string {
  if (call.operation !== 'inference') return call.operation
  if (startMs < Date.UTC(2026, 1)) return 'Usage'
  return call.stream ? 'InvokeModelStreamingInference' : 'InvokeModelInference'
}

function tagsOf(
  call: BilledCall,
  principal: string,
  world: BillWorld,
  options: BillOptions,
): Words {
  const account = world.accounts.find(({ id }) => id === call.accountId)
  const active = call.billedAtMs >= world.tagsActiveFromMs && principal !== ''
  // A session's own tags win over those of its role.
  const identity = active
    ? { ...shownTags(world, identityOf(principal), call.billedAtMs), ...call.sessionTags }
    : NO_WORDS
  const resource = options.resources ? world.resourceTags.get(call.resourceId) : undefined
  const tags: [string, string][] = []
  const add = (prefix: string, words: Words): void => {
    for (const [key, value] of Object.entries(words)) tags.push([`${prefix}/${key}`, value])
  }
  add('iamPrincipal', identity)
  add('resourceTags', resource ?? NO_WORDS)
  add('accountTag', account?.tags ?? NO_WORDS)
  add('costCategory', account?.costCategories ?? NO_WORDS)
  return tags.length === 0 ? NO_WORDS : Object.fromEntries(tags)
}

/** Whose tags a principal has: a session has its role's. */
export function identityOf(principal: string): string {
  const match = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\//.exec(principal)
  return match === null ? principal : `arn:aws:iam::${match[1]}:role/${match[2]}`
}
