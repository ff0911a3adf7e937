// Reads a usage type with the shipped price book and writes its meaning as one line, for tables of many words.

import { buildPriceBook } from '../price-book.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import { modelNames } from '../usage-type/model-names.ts'
import { readUsageType, type UsageTypeHints } from '../usage-type/usage-type.ts'

const names = modelNames(buildPriceBook([SNAPSHOT_LAYER]))

/** `region model kind scope tier`, then `long`, `unit:` and `variant:` where they are not the usual ones; or why not. */
export function meaning(text: string, hints: UsageTypeHints = {}): string {
  const reading = readUsageType(text, hints, names)
  if (!reading.ok) return reading.problem
  const { region, modelIds, billingModel, what, scope, tier } = reading.value
  const model = modelIds.length > 0 ? modelIds.join('+') : `?${billingModel ?? ''}`
  return [
    region ?? 'nowhere',
    model,
    what.kind ?? `(${what.other ?? ''})`,
    ...(what.kind === null ? [] : [scope, tier]),
    ...(what.longContext ? ['long'] : []),
    ...(what.kind === null || what.unit === 'token' ? [] : [`unit:${what.unit}`]),
    ...(what.medium === 'text' ? [] : [`medium:${what.medium}`]),
    ...(what.variant === null ? [] : [`variant:${what.variant}`]),
  ].join(' ')
}

/** Rows of `usage type → meaning`, two spaces in; what is further in belongs to the row above. */
export function meaningTable(
  text: string,
): readonly (readonly [usageType: string, meaning: string])[] {
  const rows = text.trimEnd().split(/\n {2}(?=\S)/)
  return rows
    .filter((row) => row.trim() !== '')
    .map((row) => {
      const [usageType = '', meant = ''] = row.replaceAll(/\s+/g, ' ').split('→')
      return [usageType.trim(), meant.trim()] as const
    })
}
