// What one call used the way AWS bills it: tokens, of which `input` excludes what was read from or written to the prompt
// cache, and the units that are no text tokens, each under Ledgerock's word for the kind.

export const OTHER_KINDS = [
  'cache_write_30m',
  'audio_input',
  'image_input',
  'images',
  'video_seconds',
  'search_units',
  'requests',
] as const
export type OtherKind = (typeof OTHER_KINDS)[number] | `text_units_${string}`

/** Only the kinds that were used. */
export type OtherUsage = { readonly [Kind in OtherKind]?: number }

export const NO_OTHER_USAGE: OtherUsage = {}

export type Usage = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
  readonly other: OtherUsage
}

export function cacheWriteTokens(usage: Usage): number {
  return usage.cacheWrite5m + usage.cacheWrite1h + (usage.other.cache_write_30m ?? 0)
}

export function totalTokens(usage: Usage): number {
  return usage.input + usage.output + usage.cacheRead + cacheWriteTokens(usage)
}
