// What a guardrail makes of a text: how many text units each of its policies looks at (one for every thousand characters
// begun), and whether it steps in. It does on a marker, so that a test decides; the meaning of a text is nobody's here.

import type { OtherUsage } from './usage.ts'

export const GUARDRAIL_POLICIES = [
  'content',
  'topic',
  'word',
  'sensitive_information',
  'sensitive_information_free',
  'contextual_grounding',
  'automated_reasoning',
] as const
export type GuardrailPolicy = (typeof GUARDRAIL_POLICIES)[number]

/** A text that holds it is blocked. */
export const BLOCK_MARKER = 'simulator-block'

/** What a guardrail has unless the simulator is told otherwise; all of them have a price or are free. */
export const POLICIES_DEFAULT: readonly GuardrailPolicy[] = [
  'content',
  'topic',
  'word',
  'sensitive_information_free',
]

const CHARACTERS_PER_UNIT = 1_000

export function textUnits(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_UNIT)
}

export function isBlocked(texts: readonly string[]): boolean {
  return texts.some((text) => text.includes(BLOCK_MARKER))
}

/** Units by policy, only those that were used. */
export function policyUnits(
  policies: readonly GuardrailPolicy[],
  characters: number,
  images: number,
): OtherUsage {
  const units = textUnits(characters)
  const used: { [kind: `text_units_${string}`]: number; image_input?: number } = {}
  if (units > 0) for (const policy of policies) used[`text_units_${policy}`] = units
  if (images > 0 && policies.includes('content')) used.image_input = images
  return used
}
