// What the sources of one call say, collected in order of strength: the first that may say a dimension's value wins it, and
// everybody after it is noted as having said something else.

import { UNKNOWN } from '@ledgerock/contract'
import {
  isPlainText,
  VALUE_CHARACTERS_MAX,
  valueProblem,
  type CompiledDimension,
  type DimensionRules,
} from './dimension-rule.ts'
import type { Provenance } from './provenance.ts'

export const ATTRIBUTES_MAX = 16
export const CONFLICTS_MAX = 16
const ATTRIBUTE_NAME_CHARACTERS_MAX = 128

export type Claims = {
  /** By index of the dimension; a hole where nobody said anything yet. */
  readonly values: (string | undefined)[]
  readonly provenance: (Provenance | undefined)[]
  readonly losers: { dimension: number; value: string; provenance: Provenance }[]
  readonly invalid: { dimension: string; message: string }[]
  readonly attributes: Record<string, string>
  readonly claim: (dimension: number, value: string, provenance: Provenance) => void
  /** Something that is not a dimension. Past the limits it is left out: it is a note, not a claim. */
  readonly attribute: (name: string, value: string) => void
}

export function createClaims(rules: DimensionRules): Claims {
  const values: (string | undefined)[] = rules.dimensions.map(() => undefined)
  const provenance: (Provenance | undefined)[] = rules.dimensions.map(() => undefined)
  const losers: { dimension: number; value: string; provenance: Provenance }[] = []
  const invalid: { dimension: string; message: string }[] = []
  const attributes = Object.create(null) as Record<string, string>
  let attributeCount = 0
  return {
    values,
    provenance,
    losers,
    invalid,
    attributes,
    claim(index, value, source) {
      // An empty value and the word for "nobody said" say nothing, so they cannot satisfy a required dimension either.
      if (value === '' || value === UNKNOWN) return
      const dimension = rules.dimensions[index] as CompiledDimension
      const kept = values[index]
      if (kept === value) return
      if (kept !== undefined || !maySay(dimension, source)) {
        if (losers.length < CONFLICTS_MAX) {
          losers.push({ dimension: index, value: shown(value), provenance: source })
        }
        return
      }
      values[index] = value
      provenance[index] = source
      if (source === 'key') return
      const problem = valueProblem(dimension, value)
      if (problem !== null) invalid.push({ dimension: dimension.name, message: problem })
    },
    attribute(name, value) {
      if (attributeCount === ATTRIBUTES_MAX || name.length > ATTRIBUTE_NAME_CHARACTERS_MAX) return
      if (name === '' || value === '' || name in attributes) return
      const short = clipped(value)
      if (!isPlainText(name) || !isPlainText(short)) return
      attributes[name] = short
      attributeCount += 1
    },
  }
}

function maySay(dimension: CompiledDimension, source: Provenance): boolean {
  if (source === 'key') return dimension.credentialMay
  if (source === 'identity') return dimension.identityMay
  return dimension.requestMay
}

function clipped(value: string): string {
  return value.length <= VALUE_CHARACTERS_MAX ? value : value.slice(0, VALUE_CHARACTERS_MAX)
}

/** A losing value is anything a stranger cared to send; it is shown short and without what could forge a line of a log. */
function shown(value: string): string {
  const short = clipped(value).toWellFormed()
  return isPlainText(short) ? short : short.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '\ufffd')
}
