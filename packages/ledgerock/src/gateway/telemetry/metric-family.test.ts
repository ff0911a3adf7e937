import fc from 'fast-check'
import {
  AggregatorRegistry,
  Counter as PromCounter,
  Histogram as PromHistogram,
  Registry,
  type MetricObject,
} from 'prom-client'
import { describe, expect, it } from 'vitest'
import { Counter, counterFamily, gaugeFamily, Histogram, PairCounter } from './metric-family.ts'

const WORKER = { worker: 'w1' }

/** The page that comes out, which is all that counts: lines in no order. */
async function page(metrics: readonly unknown[]): Promise<readonly string[]> {
  const text = await AggregatorRegistry.aggregate([metrics] as never).metrics()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .toSorted()
}

const told = async (registry: Registry): Promise<readonly string[]> =>
  page(await registry.getMetricsAsJSON())

describe('metric families', () => {
  it('[Y26] put the same page out as prom-client for any counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b"\\\n', 'ü'), fc.constantFrom('x', 'y')), {
          minLength: 1,
        }),
        async (calls) => {
          const registry = new Registry()
          registry.setDefaultLabels(WORKER)
          const registers = [registry]
          const one = new PromCounter({ name: 'one', help: 'h', labelNames: ['k'], registers })
          const labelNames = ['k', 'l'] as const
          const two = new PromCounter({ name: 'two', help: 'h', labelNames, registers })
          const ours = new Counter('one', 'h', 'k')
          const ourPairs = new PairCounter('two', 'h', ['k', 'l'])
          for (const [k, l] of calls) {
            one.inc({ k }, 3)
            two.inc({ k, l })
            ours.add(k, 3)
            ourPairs.add(k, l)
          }
          const reports = [ours.report(WORKER), ourPairs.report(WORKER)]
          expect(await page(reports)).toEqual(await told(registry))
        },
      ),
    )
  })

  it('[Y26] put the same page out as prom-client for any times', async () => {
    const seconds = fc.oneof(
      fc.double({ min: 0, max: 20, noNaN: true }),
      fc.constantFrom(0, 0.1, 1, 10),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), seconds), { minLength: 1 }),
        async (times) => {
          const registry = new Registry()
          registry.setDefaultLabels(WORKER)
          const buckets = [0.1, 1, 10]
          const settings = { name: 't', help: 'h', labelNames: ['k'], buckets }
          const theirs = new PromHistogram({ ...settings, registers: [registry] })
          const ours = new Histogram('t', 'h', buckets, 'k')
          for (const [k, time] of times) {
            theirs.observe({ k }, time)
            ours.observe(time, k)
          }
          expect(await page([ours.report(WORKER)])).toEqual(await told(registry))
        },
      ),
    )
  })

  it('[Y26] counts what is past its series under one name', () => {
    const counter = new Counter('many', 'h', 'k')
    for (let label = 0; label < 10_000; label += 1) counter.add(`label-${label}`)
    const { values } = counter.report({}) as MetricObject & {
      values: { labels: { k: string }; value: number }[]
    }
    expect(values).toHaveLength(257)
    expect(values.find(({ labels }) => labels.k === 'other')?.value).toBe(10_000 - 256)
  })

  it('[Y26] reads gauges when it is asked, one or several', async () => {
    let open = 1
    const families = [
      gaugeFamily('open', 'h', () => open),
      counterFamily('seen', 'h', () => [
        [{ target: 'a' }, open],
        [{ target: 'b' }, 7],
      ]),
    ]
    open = 5
    const lines = await page(families.map((family) => family.report(WORKER)))
    expect(lines).toContain('open{worker="w1"} 5')
    expect(lines).toContain('seen{target="a",worker="w1"} 5')
    expect(lines).toContain('seen{target="b",worker="w1"} 7')
  })
})
