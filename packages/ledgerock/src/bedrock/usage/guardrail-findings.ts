// Usage of guardrail calls, in text units of up to a thousand characters for each policy that looked at the text. The checks that
// need no guardrail resource have prices of their own, so they are kinds of their own.
//
// Sources: Amazon Bedrock API reference, GuardrailUsage and GuardrailChecksUsageResults.

import type { UsageKind } from '@ledgerock/contract'
import type { Findings } from './findings.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import type { JsonScan } from '../json/json-scan.ts'
import { isJsonObject, objectOf, type JsonObject } from '../json/json-value.ts'
import type { ResponseHeaders } from './response-headers.ts'
import { countOf } from './token-counts.ts'
import { unitReading } from './unit-reading.ts'
import type { MeteredUsage, UsageReading } from './usage-meter.ts'

export const GUARDRAIL_PATHS = compileJsonPaths(['usage'])

const POLICY_UNITS: readonly (readonly [key: string, kind: UsageKind])[] = [
  ['contentPolicyUnits', 'text_units_content'],
  ['contentPolicyImageUnits', 'text_units_content_image'],
  ['topicPolicyUnits', 'text_units_topic'],
  ['wordPolicyUnits', 'text_units_word'],
  ['sensitiveInformationPolicyUnits', 'text_units_sensitive_information'],
  ['sensitiveInformationPolicyFreeUnits', 'text_units_sensitive_information_free'],
  ['contextualGroundingPolicyUnits', 'text_units_contextual_grounding'],
  ['automatedReasoningPolicyUnits', 'text_units_automated_reasoning'],
]
const CHECK_UNITS: readonly (readonly [key: string, kind: UsageKind])[] = [
  ['contentFilter', 'text_units_checks_content'],
  ['promptAttack', 'text_units_checks_prompt_attack'],
  ['sensitiveInformation', 'text_units_checks_sensitive_information'],
]

export class GuardrailFindings implements Findings {
  readonly problems = new Set<string>()
  readonly #headers: ResponseHeaders
  readonly #isChecks: boolean
  #raw: JsonObject | null = null
  outputSeenBytes = 0
  final = false

  constructor(headers: ResponseHeaders, isChecks: boolean) {
    this.#headers = headers
    this.#isChecks = isChecks
  }

  look(scan: JsonScan): void {
    this.#raw = objectOf(scan.value(0)) ?? null
    this.outputSeenBytes = 0
  }

  read(): UsageReading {
    const raw = this.#raw
    const problems = new Set(this.problems)
    const usage =
      raw === null ? null : this.#isChecks ? checkUnits(raw, problems) : policyUnits(raw, problems)
    const counted = {
      usage,
      isEstimate: false,
      variant: null,
      rawUsage: raw === null ? null : JSON.stringify(raw),
      final: this.final,
      outputSeenBytes: 0,
    }
    return unitReading(counted, this.#headers, problems)
  }
}

function policyUnits(raw: JsonObject, problems: Set<string>): MeteredUsage | null {
  return unitsOf(POLICY_UNITS, (key) => countOf(raw, key, problems))
}

function checkUnits(raw: JsonObject, problems: Set<string>): MeteredUsage | null {
  return unitsOf(CHECK_UNITS, (key) => {
    const check = raw[key]
    return isJsonObject(check) ? countOf(check, 'textUnits', problems) : undefined
  })
}

/** Policies that did nothing are left out, but where none did anything that much is known. */
function unitsOf(
  table: readonly (readonly [key: string, kind: UsageKind])[],
  countAt: (key: string) => number | undefined,
): MeteredUsage | null {
  const used: Partial<Record<UsageKind, number>> = {}
  const idle: Partial<Record<UsageKind, number>> = {}
  for (const [key, kind] of table) {
    const units = countAt(key)
    if (units !== undefined) (units > 0 ? used : idle)[kind] = units
  }
  if (Object.keys(used).length > 0) return used
  return Object.keys(idle).length > 0 ? idle : null
}
