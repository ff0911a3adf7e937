// The flag as people type it, right and wrong.

import { describe, expect, it } from 'vitest'

import { parseFaults } from './parse-faults.ts'

describe('parse faults', () => {
  it('[S11] reads every kind of entry', () => {
    const text =
      'throttle=0.05, error5xx=0.01,model_error=0.01,midstream=0.01,cut=0.02@3,no_metadata=0.01,' +
      'bad_crc=0.01@2,slow=0.05:50,timeout=0.001,latency=20..200'
    expect(parseFaults(text)).toEqual({
      ok: true,
      value: {
        throttle: 0.05,
        error5xx: 0.01,
        model_error: 0.01,
        midstream: { probability: 0.01, frame: null },
        cut: { probability: 0.02, frame: 3 },
        no_metadata: 0.01,
        bad_crc: { probability: 0.01, frame: 2 },
        slow: { probability: 0.05, delayMs: 50 },
        timeout: 0.001,
        latencyMs: { p50: 20, p99: 200 },
      },
    })
    expect(parseFaults('')).toEqual({ ok: true, value: {} })
    expect(parseFaults('latency=15')).toEqual({ ok: true, value: { latencyMs: 15 } })
  })

  it.each([
    ['thottle=0.1', 'unknown fault "thottle"'],
    ['throttle', 'throttle needs a value, as in throttle=0.05'],
    ['throttle=1.5', 'throttle=1.5 is not a probability from 0 to 1'],
    ['throttle=a lot', 'throttle=a lot is not a probability'],
    ['cut=0.1@x', 'cut=0.1@x is not understood; write it as cut=0.02@3'],
    ['slow=0.1', 'slow=0.1 is not understood; write it as slow=0.05:50'],
    ['latency=200..20', 'latency=200..20 is not understood; write it as latency=20..200'],
    ['throttle=0.1,throttle=0.2', 'throttle is given twice'],
    ['throttle=0.7,cut=0.5', 'the probabilities add up to 1.200, more than 1'],
  ])('[S11] says what is wrong with %s', (text, message) => {
    const parsed = parseFaults(text)
    expect(parsed.ok ? '' : parsed.problem).toContain(message)
  })

  it('[S11] reports every fault of the text at once', () => {
    const parsed = parseFaults('what=1,cut=x,slow=1')
    expect(parsed.ok ? [] : parsed.problem.split('; ').length).toBeGreaterThanOrEqual(3)
  })
})
