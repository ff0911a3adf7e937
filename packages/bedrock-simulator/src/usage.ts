// Tokens of one call the way AWS bills them: `input` excludes what was read from or written to the prompt cache.

export type Usage = {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
}

export function cacheWriteTokens(usage: Usage): number {
  return usage.cacheWrite5m + usage.cacheWrite1h
}

export function totalTokens(usage: Usage): number {
  return usage.input + usage.output + usage.cacheRead + cacheWriteTokens(usage)
}
