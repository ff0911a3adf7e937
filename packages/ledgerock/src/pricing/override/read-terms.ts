// One override in the words of a file or the API, to the terms pricing works with, or every fault of it with its place. A pattern
// must match something the book sells; only a fixed price for one exact model may name what nobody sells yet.

import { isUsageKind, SCOPES, TIERS, USAGE_KINDS, type ProblemError } from '@ledgerock/contract'
import { compileGlob } from '../../kernel/glob.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { prefixOf } from '../model-catalog.ts'
import { parseInstant } from '../parse-instant.ts'
import type { PriceBook } from '../price-book.ts'
import { readEffect } from './read-effect.ts'
import type { OverrideTerms } from './price-override.ts'
import { isPattern } from './rank-overrides.ts'
import { createTermsReader, type TermsReader } from './terms-reader.ts'

const KEYS = [
  'name',
  'account_id',
  'models',
  'regions',
  'scope',
  'tier',
  'kind',
  'percent',
  'price',
  'unit',
  'variant',
  'context_above',
  'from',
  'to',
  'reason',
] as const

export function readTerms(
  value: unknown,
  book: PriceBook,
): Result<OverrideTerms, readonly ProblemError[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return err([{ path: '', message: 'must be an override' }])
  }
  const fields = value as Readonly<Record<string, unknown>>
  const faults: ProblemError[] = []
  for (const key of Object.keys(fields)) {
    if (!(KEYS as readonly string[]).includes(key)) {
      faults.push({ path: key, message: `is no key of an override; they are ${KEYS.join(', ')}` })
    }
  }
  const reader = createTermsReader(fields, faults)
  const validFrom = instant(reader, 'from')
  const validTo = instant(reader, 'to')
  if (validFrom !== null && validTo !== null && validFrom >= validTo) {
    reader.fault('to', 'must be after from')
  }
  const kind = reader.word('kind', isUsageKind, `${USAGE_KINDS.join(', ')}, text_units_<policy>`)
  const modelsText = reader.text('models', /^[A-Za-z0-9*][A-Za-z0-9._:/*-]{0,255}$/) ?? '*'
  const models = book.baseIds.get(modelsText) ?? modelsText
  const effect = readEffect(reader, book, models, kind)
  checkModels(reader, book, models)
  const terms = {
    name: reader.required('name', /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    accountId: reader.text('account_id', /^\d{12}$/),
    models,
    regions: reader.text('regions', /^[a-z0-9*][a-z0-9*-]{0,63}$/) ?? '*',
    scope: reader.oneOf('scope', SCOPES),
    tier: reader.oneOf('tier', TIERS),
    kind,
    effect,
    validFrom,
    validTo,
    reason: reader.text('reason', /^[^\0]{1,500}$/),
  }
  const { name } = terms
  if (faults.length > 0 || name === null || effect === null) return err(faults)
  return ok({ ...terms, name, effect })
}

function checkModels(reader: TermsReader, book: PriceBook, models: string): void {
  if (isPattern(models)) {
    const matches = compileGlob(models)
    if ([...book.models.keys()].some(matches)) return
    return reader.fault('models', `${JSON.stringify(models)} matches no model`)
  }
  if (book.models.has(models)) return
  const base = book.profiles.get(models)?.modelId ?? (prefixOf(models) === null ? null : '')
  if (base !== null) {
    const hint = base === '' ? '' : `, ${base},`
    return reader.fault('models', `is a profile: name its base model${hint} and the scope`)
  }
  // A fixed price can be the first one a model has; there is no list price to take a percentage of.
  if (reader.has('percent')) reader.fault('models', `${JSON.stringify(models)} is not sold`)
}

function instant(reader: TermsReader, key: 'from' | 'to'): string | null {
  const text = reader.text(key, /^\d{4}-/)
  if (text === null) return null
  const ms = parseInstant(text, 0)
  if (!ms.ok) {
    reader.fault(key, ms.problem)
    return null
  }
  return new Date(ms.value).toISOString()
}
