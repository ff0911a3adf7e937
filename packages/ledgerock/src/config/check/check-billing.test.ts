import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { settingsOfFile } from '../settings/settings-of-file.ts'
import { faultsOf, validated } from '../testing/faults-of.ts'

function settings(text: string) {
  const around = { path: '/etc/lr/l.yaml', dataDir: '/data', env: {} }
  const overrides = { gatewayPort: null, controlPort: null, workers: null, masterKey: null }
  return settingsOfFile(mustOk(validated(text)), { ...around, overrides })
}

describe('billing', () => {
  it('[O25] has what finance may leave unsaid', () => {
    expect(settings('').billing).toEqual({
      gatewayPrincipals: [],
      pools: [],
      defaultSplit: { kind: 'proportional' },
      precedence: ['principal_tag', 'owner_rule', 'resource_tag', 'account_tag', 'cost_category'],
      graceMs: 5 * 86_400_000,
      toleranceUsd: null,
      exchange: [],
      roots: [],
      uploadBytesMax: 2 ** 36,
      statements: [],
    })
    expect(settings('').imports).toEqual([])
  })

  it('[O25] reads pools, their shares and times, rates, places and receivers', () => {
    const { billing, imports } = settings(`
alerts:
  sinks: [{ name: mail, type: email, to: [a@b.c], smtp: { host: mx, from: lr@b.c } }]
billing:
  pools:
    - { name: tax, match: tax, split: even, to: 2026-11-01 }
    - { name: tax, match: tax, split: owner, owner: { team: finance }, from: 2026-11-01 }
    - { name: g, match: { usage_type: '*-Guardrail-*' }, split: fixed,
        shares: [{ owner: { team: a }, share: 33.333333333% }, { owner: { team: b }, share: 66.666666667% }] }
  shared_costs: apart
  tolerance: '0.5'
  exchange: [{ currency: EUR, rate: '1.08', from: 2026-10-01, to: 2026-11-01 },
    { currency: EUR, rate: '1.09', from: 2026-11-01 }]
  roots: [bills, 's3://acme-billing']
  statements: [{ owner: { team: search }, to: [mail, cfo@example.com], format: csv }]
imports: [{ name: cur, kind: cur, from: 'in/*.csv', every: 1h }, { name: b, kind: cur, from: 's3://b12/p' }]
`)
    expect(billing.pools).toEqual([
      {
        name: 'tax',
        match: 'tax',
        split: { kind: 'even' },
        fromMs: null,
        toMs: Date.UTC(2026, 10),
      },
      {
        name: 'tax',
        match: 'tax',
        split: { kind: 'owner', owner: { team: 'finance' } },
        fromMs: Date.UTC(2026, 10),
        toMs: null,
      },
      {
        name: 'g',
        match: { usageType: '*-Guardrail-*' },
        split: {
          kind: 'fixed',
          shares: [
            { owner: { team: 'a' }, percent: '33.333333333' },
            { owner: { team: 'b' }, percent: '66.666666667' },
          ],
        },
        fromMs: null,
        toMs: null,
      },
    ])
    expect(billing).toMatchObject({
      defaultSplit: { kind: 'apart' },
      toleranceUsd: '0.5',
      roots: ['/etc/lr/bills', 's3://acme-billing'],
      statements: [{ owner: { team: 'search' }, to: ['mail', 'cfo@example.com'], format: 'csv' }],
    })
    expect(billing.exchange.map(({ rate }) => rate)).toEqual(['1.08', '1.09'])
    expect(imports).toEqual([
      { name: 'cur', kind: 'cur', from: '/etc/lr/in/*.csv', everyMs: 3_600_000 },
      { name: 'b', kind: 'cur', from: 's3://b12/p', everyMs: null },
    ])
    // It travels to the control process as JSON.
    expect(JSON.parse(JSON.stringify(billing))).toEqual(billing)
  })

  it('[O25] says each fault at its place', () => {
    const text = `
billing:
  pools:
    - { name: tax, match: tax, split: even }
    - { name: tax, match: tax, split: fixed }
    - { name: a, match: storage, split: even, shares: [{owner: {team: a}, share: 100%}], owner: { team: x } }
    - { name: b, match: credit, split: fixed, shares: [{owner: {team: a}, share: 60%},
        {owner: {team: a}, share: 39.9%}] }
    - { name: c, match: usage, split: owner, owner: { taem: a } }
    - { name: d, match: { usage_type: x }, split: half, from: 2026-10-02, to: 2026-10-01 }
    - { name: e, match: {usage_type: x}, split: fixed, shares: [{owner: {}, share: 101%}], from: 2026-11-01 }
    - { name: f, match: { usage_type: x }, split: apart }
  default_split: fixed
  shared_costs: even
  precedence: [owner_rule, owner_rule, tags]
  grace: 40d
  tolerance: 0.5
  exchange:
    - { currency: EUR, rate: '1.08' }
    - { currency: EUR, rate: '0.00', from: 2026-10-01 }
    - { currency: USD, rate: '1' }
  roots: ['s3://A_b', '']
  statements: [{ to: [ops, 'a@b c', cfo@example.com] }]
imports:
  - { name: cur, kind: cur, from: 's3:/b' }
  - { name: cur, kind: focus, from: 'https://x', every: 10s }
  - { name: x, kind: litellm, from: '', evry: 1h }
  - { name: y, kind: curr, from: x }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:5:7 billing.pools[1]: split fixed needs shares",
        "l.yaml:5:15 billing.pools[1].name: is the name of pools[0] at the same time",
        "l.yaml:5:27 billing.pools[1].match: is matched by pools[0] at the same time",
        "l.yaml:6:55 billing.pools[2].shares: is for split fixed",
        "l.yaml:6:97 billing.pools[2].owner: is for split owner",
        "l.yaml:7:55 billing.pools[3].shares: must add up to 100%, not 99.9%",
        "l.yaml:8:17 billing.pools[3].shares[1].owner: is the owner of shares[0] too",
        "l.yaml:9:25 billing.pools[4].match: must be provisioned, reserved, storage, guardrail, credit, refund, tax, support, discount, fee, other, or { usage_type: … }, not usage",
        "l.yaml:9:61 billing.pools[4].owner.taem: there is no such dimension; did you mean team?",
        "l.yaml:10:51 billing.pools[5].split: must be proportional or even or fixed or owner or apart, not half",
        "l.yaml:10:79 billing.pools[5].to: must be after from",
        "l.yaml:11:73 billing.pools[6].shares[0].owner: must name a dimension",
        "l.yaml:11:84 billing.pools[6].shares[0].share: must be a share from 0% to 100% with at most 9 decimals, such as 33.3%, not 101%",
        "l.yaml:12:25 billing.pools[7].match: is matched by pools[5] at the same time",
        "l.yaml:13:18 billing.default_split: must be a split without shares; fixed shares are for a pool, not fixed",
        "l.yaml:14:17 billing.shared_costs: is short for default_split: write one of them",
        "l.yaml:15:28 billing.precedence[1]: is there twice",
        "l.yaml:15:40 billing.precedence[2]: must be principal_tag or owner_rule or resource_tag or account_tag or cost_category, not tags",
        "l.yaml:16:10 billing.grace: must be from 0d to 28d, not 40d",
        "l.yaml:17:14 billing.tolerance: must be dollars in quotes, such as "0.50", not 0.5",
        "l.yaml:20:7 billing.exchange[1]: is another rate of EUR at the same time as exchange[0]",
        "l.yaml:20:30 billing.exchange[1].rate: must be a decimal in quotes above 0: USD for one unit, such as "1.0842", not 0.00",
        "l.yaml:21:19 billing.exchange[2].currency: is what the ledger is in already",
        "l.yaml:22:11 billing.roots[0]: must be a folder, a file, a glob, or an S3 prefix such as s3://bucket/prefix (bucket: 3 to 63 of a-z, 0-9, dot and dash), not s3://A_b",
        "l.yaml:22:23 billing.roots[1]: must be a folder, a file, a glob, or an S3 prefix such as s3://bucket/prefix (bucket: 3 to 63 of a-z, 0-9, dot and dash)",
        "l.yaml:23:23 billing.statements[0].to[0]: is no sink of type email in alerts.sinks, and no mail address",
        "l.yaml:23:28 billing.statements[0].to[1]: must be a mail address such as cfo@example.com",
        "l.yaml:23:37 billing.statements[0].to[2]: needs a sink of type email in alerts.sinks to send it",
        "l.yaml:25:35 imports[0].from: must be a folder, a file, a glob, or an S3 prefix such as s3://bucket/prefix (bucket: 3 to 63 of a-z, 0-9, dot and dash), not s3:/b",
        "l.yaml:26:13 imports[1].name: is the name of imports[0] too",
        "l.yaml:26:18 imports[1].kind: not supported yet",
        "l.yaml:26:37 imports[1].from: must be a folder, a file, a glob, or an S3 prefix such as s3://bucket/prefix (bucket: 3 to 63 of a-z, 0-9, dot and dash), not https://x",
        "l.yaml:26:57 imports[1].every: must be from 1m to 31d, not 10s",
        "l.yaml:27:16 imports[2].kind: not supported yet",
        "l.yaml:27:37 imports[2].from: must be a folder, a file, a glob, or an S3 prefix such as s3://bucket/prefix (bucket: 3 to 63 of a-z, 0-9, dot and dash)",
        "l.yaml:27:41 imports[2].evry: unknown key; did you mean every?",
        "l.yaml:28:22 imports[3].kind: must be cur or outcomes, not curr",
      ]
    `)
  })

  it('[O25] a fixed split is exactly the whole', () => {
    const shares = (...parts: readonly string[]): string =>
      `billing: { pools: [{ name: a, match: tax, split: fixed, shares: [${parts
        .map((part, index) => `{ owner: { team: t${index} }, share: ${part} }`)
        .join(', ')}] }] }`
    expect(faultsOf(shares('100%'))).toEqual([])
    expect(faultsOf(shares('99.999999999%', '0.000000001%'))).toEqual([])
    expect(faultsOf(shares('33.3%', '33.3%', '33.3%'))[0]).toMatch(
      /must add up to 100%, not 99\.9%$/,
    )
    expect(faultsOf(shares('99.999999999%'))[0]).toMatch(/not 99\.999999999%$/)
    expect(faultsOf(shares('60%', '60%'))[0]).toMatch(/not 120%$/)
  })

  it('[O25] one AWS tag carries one dimension, whatever its case', () => {
    const text =
      'dimensions: { team: { aws_tags: [Team] }, application: { aws_tags: [app, team] } }'
    expect(faultsOf(text)).toEqual([
      'l.yaml:1:74 dimensions.application.aws_tags[1]: already carries team',
    ])
  })
})
