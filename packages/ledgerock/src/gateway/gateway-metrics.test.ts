import { expect, it } from 'vitest'
import { createGatewayMetrics } from './gateway-metrics.ts'

it('[Y9] writes refusals up to a rate, each key and each second for itself', () => {
  const clock = { ms: 1_000_000 }
  const metrics = createGatewayMetrics('worker-1', {
    connections: () => 0,
    heldBytes: () => 0,
    journal: () => {
      throw new Error('not asked')
    },
    now: () => clock.ms,
  })
  const written = (key: string): number =>
    Array.from({ length: 50 }, () => metrics.refusalSampled(key)).filter(Boolean).length
  expect(written('search')).toBe(20)
  expect(written('search')).toBe(0)
  expect(written('support')).toBe(20)
  clock.ms += 1_000
  expect(written('search')).toBe(20)
})
