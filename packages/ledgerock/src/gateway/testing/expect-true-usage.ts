// What a row says of its usage is true: Bedrock's own numbers, or a mark that they are ours.

import { expect } from 'vitest'
import type { SettledLine } from '../../journal/line.ts'

export function expectTrueUsage(
  { usage, usageSource }: Pick<SettledLine, 'usage' | 'usageSource'>,
  truth: { readonly input: number; readonly output: number },
): void {
  if (usageSource === 'estimated') expect(usage.input).toBeGreaterThan(0)
  else expect([usage.input, usage.output]).toEqual([truth.input, truth.output])
}
