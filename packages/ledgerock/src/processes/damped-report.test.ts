import { expect, it } from 'vitest'
import { createDampedReport } from './damped-report.ts'

it('[Z26] trouble that goes on is told at once, then at most every ten seconds, each kind by itself', () => {
  const lines: unknown[] = []
  const logger = { warn: (...line: readonly unknown[]) => lines.push(line) }
  let nowMs = 0
  const report = createDampedReport(logger as never, () => nowMs)
  for (; nowMs < 25_000; nowMs += 100) report('store', new Error('away'))
  report('prices', 'gone')
  nowMs += 60_000
  report('store', new Error('away'))
  expect(lines).toEqual([
    [{ reason: 'Error: away' }, 'store'],
    [{ reason: 'Error: away', times_before: 99 }, 'store'],
    [{ reason: 'Error: away', times_before: 99 }, 'store'],
    [{ reason: 'gone' }, 'prices'],
    [{ reason: 'Error: away', times_before: 49 }, 'store'],
  ])
})
