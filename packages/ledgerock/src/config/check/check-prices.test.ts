import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { settingsOfFile } from '../settings/settings-of-file.ts'
import { faultsOf, validated } from '../testing/faults-of.ts'

describe('price overrides', () => {
  it('[O16] says each fault at its place', () => {
    const text = `
prices:
  overrides:
    - { name: edp, percent: -12.5 }
    - { name: edp, models: 'anthropic.*', percent: '-12.5', price: '2' }
    - { name: edp, percent: '-1', unit: token, context_above: 1, form: 2026-10-01 }
    - { name: fix, price: '2.70', from: 2026-10-02, to: 2026-10-01 }
    - { name: 'a b', account_id: 123456789012, scope: globe, tier: fast, kind: inputs, price: '-1' }
    - { name: none }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:4:29 prices.overrides[0].percent: must be a decimal in quotes: "-12.5" is twelve and a half percent off the list price, not -12.5",
        "l.yaml:5:7 prices.overrides[1]: must have either percent or price",
        "l.yaml:5:15 prices.overrides[1].name: is the name of overrides[0] too",
        "l.yaml:6:15 prices.overrides[2].name: is the name of overrides[0] too",
        "l.yaml:6:41 prices.overrides[2].unit: is for a fixed price, not for a percentage",
        "l.yaml:6:63 prices.overrides[2].context_above: is for a fixed price, not for a percentage",
        "l.yaml:6:66 prices.overrides[2].form: unknown key; did you mean from?",
        "l.yaml:7:27 prices.overrides[3].price: needs a kind: a fixed price is one of one kind",
        "l.yaml:7:57 prices.overrides[3].to: must be after from",
        "l.yaml:8:15 prices.overrides[4].name: must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore, not a b",
        "l.yaml:8:34 prices.overrides[4].account_id: must be an account id of twelve digits, in quotes, not 123456789012",
        "l.yaml:8:55 prices.overrides[4].scope: must be in-region or geo or global, not globe",
        "l.yaml:8:68 prices.overrides[4].tier: must be standard or priority or flex or batch or reserved or latency-optimized, not fast",
        "l.yaml:8:80 prices.overrides[4].kind: must be a usage kind: input, output, cache_read, cache_write, cache_write_5m, cache_write_30m, cache_write_1h, audio_input, audio_output, image_input, images, video_seconds, search_units, requests, model_unit_hours, tpm_hours, storage_months, text_units_<policy>, not inputs",
        "l.yaml:8:95 prices.overrides[4].price: must be a decimal in quotes, such as "2.70", not -1",
        "l.yaml:9:7 prices.overrides[5]: must have either percent or price",
      ]
    `)
  })

  it.each([
    ['-500', true],
    ['-100.001', true],
    ['-100.000', false],
    ['-99.9', false],
    ['+500', false],
  ])('[O16] %s percent leave a negative price: %s', (percent, isFault) => {
    const text = `prices:\n  overrides:\n    - { name: edp, percent: '${percent}' }\n`
    const fault = `l.yaml:3:29 prices.overrides[0].percent: ${percent} % would make the price negative`
    expect(faultsOf(text)).toEqual(isFault ? [fault] : [])
  })

  it('[O16] become the settings in the form the API takes, instants in UTC, nothing unsaid in them', () => {
    const text = `
prices:
  overrides:
    - { name: edp, models: 'anthropic.*', percent: '-12.5', from: 2026-10-01, reason: EDP 2026 }
    - { name: fix, account_id: '123456789012', kind: input, price: '2.70', context_above: 200000 }
`
    const file = mustOk(validated(text))
    const overrides = { gatewayPort: null, controlPort: null, workers: null, masterKey: null }
    const around = { path: null, dataDir: '/data', overrides, env: {} }
    expect(settingsOfFile(file, around).prices.overrides).toEqual([
      {
        name: 'edp',
        models: 'anthropic.*',
        regions: '*',
        percent: '-12.5',
        from: '2026-10-01T00:00:00.000Z',
        reason: 'EDP 2026',
      },
      {
        name: 'fix',
        account_id: '123456789012',
        models: '*',
        regions: '*',
        kind: 'input',
        price: '2.70',
        context_above: 200_000,
      },
    ])
  })
})
