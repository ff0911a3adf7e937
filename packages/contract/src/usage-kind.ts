// What Bedrock meters and charges for, one word per kind. Charge lines, `price --usage`, reports by kind and the ledger all
// speak these words.

export const USAGE_KINDS = [
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
  'audio_input',
  'audio_output',
  'image_input',
  'images',
  'video_seconds',
  'search_units',
  'requests',
  'model_unit_hours',
  'tpm_hours',
  'storage_months',
] as const

/** Guardrail text units are counted per policy: `text_units_content`, `text_units_topic`, … */
export type UsageKind = (typeof USAGE_KINDS)[number] | `text_units_${string}`

export function isUsageKind(text: string): text is UsageKind {
  return (
    (USAGE_KINDS as readonly string[]).includes(text) || /^text_units_[a-z0-9_]{1,40}$/.test(text)
  )
}
