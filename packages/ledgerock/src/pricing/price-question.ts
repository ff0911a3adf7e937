// `ledgerock price` without the terminal: words in, the API's body out, or every fault of the words. A model, region, kind or tier
// that has no price is an answer (`unpriced_reason`); only what cannot be meant at all is a fault.

import {
  SCOPES,
  TIERS,
  type ChargeLine,
  type ProblemError,
  type Scope,
  type Tier,
  type UnpricedReason,
  type UsageKind,
} from '@ledgerock/contract'
import { formatUsd } from '../kernel/money.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { isoTime } from '../kernel/time.ts'
import { chargeLine } from './charge-line.ts'
import { costOfUsage, unpriced, type Cost } from './cost-of-usage.ts'
import { resolveModel, type ModelIdentity } from './model-catalog.ts'
import { parseInstant } from './parse-instant.ts'
import { parsePriceUsage } from './parse-price-usage.ts'
import type { PriceBook } from './price-book.ts'
import { pricedKind, variantKey } from './rate-cell.ts'
import type { LayerName } from './rate.ts'
import { suggestModels } from './suggest-models.ts'
import type { Usage } from './usage.ts'

export type PriceQuestion = {
  readonly model: string
  /** `kind=N,…` */
  readonly usage: string
  readonly region?: string
  readonly tier?: string
  readonly scope?: string
  readonly variant?: string
  readonly at?: string
  /** The account the call would be billed to. */
  readonly account?: string
}

export type PriceAnswer = {
  readonly cost_usd: string | null
  readonly unpriced_reason: UnpricedReason | null
  readonly charges: readonly (ChargeLine & {
    readonly layer: LayerName
    readonly source: string
    readonly source_date: string
    readonly derived_by: string | null
    /** Of a percentage, where the price it is taken of is from; null else. */
    readonly base_source: string | null
    readonly base_source_date: string | null
  })[]
  /** The used kinds without a rate. */
  readonly unpriced_kinds: readonly UsageKind[]
  readonly model_requested: string
  readonly model_id: string | null
  readonly inference_profile: string | null
  readonly region: string
  readonly scope: Scope | null
  readonly tier: Tier
  readonly account: string | null
  readonly at: string
  readonly price_book_version: string
  /** Known ids close to an unknown one. */
  readonly suggestions: readonly string[]
  /** The variants the model is sold in, where it is sold in several. */
  readonly variants: readonly string[]
}

type Meant = {
  readonly region: string
  readonly tier: Tier
  readonly scope: Scope | null
  readonly atMs: number
  readonly usage: Usage
}

const ACCOUNT = /^\d{12}$/
const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/

/** `defaults` say what the configuration and the clock say: where calls go and what time it is. */
export function answerPriceQuestion(
  book: PriceBook,
  question: PriceQuestion,
  defaults: { readonly region: string; readonly nowMs: number },
): Result<PriceAnswer, readonly ProblemError[]> {
  const identity = resolveModel(book, question.model)
  const meant = readQuestion(question, defaults)
  const variants = identity.kind === 'resolved' ? variantsOf(book, identity, meant.usage) : []
  const faults = [...meant.faults, ...contradictions(question, identity, variants)]
  if (faults.length > 0) return err(faults)
  return ok(answer(book, question, identity, meant, variants))
}

function readQuestion(
  question: PriceQuestion,
  defaults: { readonly region: string; readonly nowMs: number },
): Meant & { readonly faults: readonly ProblemError[] } {
  const faults: ProblemError[] = []
  const { region = defaults.region, tier = 'standard', scope } = question
  const knownTier = TIERS.find((known) => known === (tier === 'default' ? 'standard' : tier))
  const knownScope = SCOPES.find((known) => known === scope)
  const at =
    question.at === undefined ? ok(defaults.nowMs) : parseInstant(question.at, defaults.nowMs)
  const usage = parsePriceUsage(question.usage)
  if (question.model === '') faults.push({ path: 'model', message: 'a model id is needed' })
  if (!REGION.test(region)) {
    faults.push({ path: 'region', message: `${JSON.stringify(region)} is no region's name` })
  }
  if (question.account !== undefined && !ACCOUNT.test(question.account)) {
    const message = `${JSON.stringify(question.account)} is no account id of twelve digits`
    faults.push({ path: 'account', message })
  }
  if (knownTier === undefined) faults.push(notOneOf('tier', tier, TIERS))
  if (scope !== undefined && knownScope === undefined) faults.push(notOneOf('scope', scope, SCOPES))
  if (!at.ok) faults.push({ path: 'at', message: at.problem })
  if (!usage.ok) faults.push(...usage.problem.map((message) => ({ path: 'usage', message })))
  return {
    faults,
    region,
    tier: knownTier ?? 'standard',
    scope: knownScope ?? null,
    atMs: at.ok ? at.value : defaults.nowMs,
    usage: usage.ok ? usage.value : {},
  }
}

function notOneOf(path: string, text: string, known: readonly string[]): ProblemError {
  return {
    path,
    message: `unknown ${path} ${JSON.stringify(text)}; it is one of ${known.join(', ')}`,
  }
}

/** What is well written but cannot be meant together. */
function contradictions(
  question: PriceQuestion,
  identity: ModelIdentity,
  variants: readonly string[],
): readonly ProblemError[] {
  const faults: ProblemError[] = []
  const { scope, variant } = question
  if (scope !== undefined && identity.inferenceProfile !== null && identity.scope !== null) {
    if (scope !== identity.scope) {
      const message = `${identity.inferenceProfile} runs with scope ${identity.scope}, not ${scope}`
      faults.push({ path: 'scope', message })
    }
  }
  if (variant !== undefined && identity.kind === 'resolved') {
    const known = variants.some((name) => variantKey(name) === variantKey(variant))
    const sold = variants.length === 0 ? 'has no variants' : `is sold as ${variants.join('; ')}`
    if (!known) {
      const message = `unknown variant ${JSON.stringify(variant)}; ${identity.modelId} ${sold}`
      faults.push({ path: 'variant', message })
    }
  }
  return faults
}

/** In which what is used is sold; with a usage nobody could read, those of everything. */
function variantsOf(book: PriceBook, { modelId }: ModelIdentity, usage: Usage): readonly string[] {
  const rows = book.models.get(modelId ?? '')?.layers.flat() ?? []
  const kinds = Object.keys(usage) as UsageKind[]
  const meant = rows.filter(
    ({ row }) => kinds.length === 0 || kinds.some((kind) => pricedKind(row, kind) !== null),
  )
  return [...new Set(meant.flatMap(({ row }) => row.variant ?? []))]
}

function answer(
  book: PriceBook,
  question: PriceQuestion,
  identity: ModelIdentity,
  meant: Meant,
  variants: readonly string[],
): PriceAnswer {
  const { region, tier, atMs } = meant
  const cost = costOf(book, identity, meant, question)
  const named = identity.kind === 'resolved'
  return {
    cost_usd: cost.kind === 'priced' ? formatUsd(cost.cost) : null,
    unpriced_reason: cost.kind === 'priced' ? null : cost.reason,
    charges: cost.charges.map((charge) => ({
      ...chargeLine(charge),
      layer: charge.from.layer,
      source: charge.from.source,
      source_date: charge.from.sourceDate,
      derived_by: charge.from.derivedBy,
      base_source: charge.from.base?.source ?? null,
      base_source_date: charge.from.base?.sourceDate ?? null,
    })),
    unpriced_kinds: cost.kind === 'priced' ? [] : cost.missing,
    model_requested: question.model,
    model_id: identity.modelId,
    inference_profile: identity.inferenceProfile,
    region,
    scope: meant.scope ?? identity.scope,
    tier,
    account: question.account ?? null,
    at: isoTime(atMs),
    price_book_version: book.version,
    suggestions: named ? [] : suggestModels(book, question.model),
    variants: variants.length > 1 ? variants : [],
  }
}

function costOf(
  book: PriceBook,
  identity: ModelIdentity,
  meant: Meant,
  { variant, account }: PriceQuestion,
): Cost {
  if (identity.kind === 'unresolved') return unpriced(book, identity.reason)
  const { region, tier, atMs, usage } = meant
  const { modelId } = identity
  const scope = meant.scope ?? identity.scope
  return costOfUsage(book, {
    modelId,
    region,
    scope,
    tier,
    atMs,
    usage,
    variant: variant ?? null,
    accountId: account ?? null,
  })
}
