import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { segmentsOf } from './rollup.ts'

const at = (text: string) => Date.parse(text)

describe('segmentsOf', () => {
  it('[L5] a rollup answers the middle, the ragged ends are scanned', () => {
    const segments = segmentsOf(['team'], at('2026-10-01T00:30Z'), at('2026-10-02T00:10Z'), [])
    expect(segments).toEqual([
      { source: 'calls', fromMs: at('2026-10-01T00:30Z'), toMs: at('2026-10-01T01:00Z') },
      { source: 'spend_hour', fromMs: at('2026-10-01T01:00Z'), toMs: at('2026-10-02T00:00Z') },
      { source: 'calls', fromMs: at('2026-10-02T00:00Z'), toMs: at('2026-10-02T00:10Z') },
    ])
  })

  it('[L5] a rollup is used only where it holds every field and fits every border', () => {
    const from = at('2026-10-01')
    const to = at('2026-10-05')
    const sources = (fields: readonly string[], borders: readonly number[] = []) =>
      segmentsOf(fields, from, to, borders).map((segment) => segment.source)
    expect(sources(['team', 'model_id'])).toEqual(['spend_hour'])
    expect(sources(['team', 'user_id'])).toEqual(['spend_day_user_id'])
    expect(sources(['user_id', 'model_id'])).toEqual(['calls'])
    expect(sources(['team', 'status'])).toEqual(['calls'])
    // Midnight in Berlin is an hour border, but no UTC day border; in Kolkata it is neither.
    expect(sources(['team'], [at('2026-10-02T22:00Z')])).toEqual(['spend_hour'])
    expect(sources(['user_id'], [at('2026-10-02T22:00Z')])).toEqual(['calls'])
    expect(sources(['team'], [at('2026-10-02T18:30Z')])).toEqual(['calls'])
  })

  it('[L5] segments cover the range once, without gap', () => {
    const instant = fc.integer({ min: at('2026-01-01'), max: at('2026-12-31') })
    const fields = fc.subarray(['team', 'user_id', 'model_id', 'status'])
    fc.assert(
      fc.property(
        instant,
        fc.nat(40 * 86_400_000),
        fields,
        fc.array(instant, { maxLength: 3 }),
        (fromMs, length, names, borders) => {
          fc.pre(length > 0)
          const segments = segmentsOf(names, fromMs, fromMs + length, borders)
          expect(segments[0]?.fromMs).toBe(fromMs)
          expect(segments.at(-1)?.toMs).toBe(fromMs + length)
          for (const [index, segment] of segments.entries()) {
            expect(segment.fromMs).toBeLessThan(segment.toMs)
            if (index > 0) expect(segment.fromMs).toBe(segments[index - 1]?.toMs)
          }
        },
      ),
    )
  })
})
