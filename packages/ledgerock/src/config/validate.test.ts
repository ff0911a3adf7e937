import { describe, expect, it } from 'vitest'
import { faultsOf, validated } from './testing/faults-of.ts'
import { validateText } from './validate.ts'

const SECRET = 'a-secret-of-more-than-32-characters!'

const MANY_FAULTS = `gateway:
  host: 0.0.0.0
  prot: 8080
  port: "\${PORT}"
  workers: 0
  anonymous: { mode: recrod, from: [10.0.0.0/40] }
  limits: { header_timeout: 5, body_bytes: many }
control: [1]
stores: { ledger: 'ftp://user:hunter2@x', control: "\${DB_URL}" }
journal:
  sync: 5y
  max_size: 3MB
retention: { calls: 1ms, bill: never }
dimensions:
  team: { required: maybe, values: [search], default: ops, headers: [Authorization] }
  Team X: {}
  model_id: {}
  feature: { aliases: [team] }
  workflow_id: { values: [ok, 'not ok'], pattern: '^[a-z]+$' }
keys:
  - { name: a, secret_env: NOPE, bind: { team: ops, temm: x } }
  - { name: a, secret_env: SHORT }
  - { nam: b }
bedrock:
  region: us_east
  account_id: 123456789012
budget: 1
`

describe('validateText', () => {
  it('[O1] [O2] [O3] [O6] [O8] reports every fault at once, in order, each at its place', () => {
    expect(faultsOf(MANY_FAULTS, { PORT: '99999', SHORT: 'abc' })).toMatchInlineSnapshot(`
      [
        "l.yaml:2:9 gateway.host: is not a loopback address; without TLS this needs gateway.insecure: true",
        "l.yaml:3:3 gateway.prot: unknown key; did you mean port?",
        "l.yaml:4:9 gateway.port: must be a whole number from 0 to 65535, not \${PORT}",
        "l.yaml:5:12 gateway.workers: must be a whole number from 1 to 256, not 0",
        "l.yaml:6:22 gateway.anonymous.mode: must be deny or record, not recrod",
        "l.yaml:6:37 gateway.anonymous.from[0]: must be an address range such as 10.0.0.0/8, not 10.0.0.0/40",
        "l.yaml:7:29 gateway.limits.header_timeout: must be a duration such as 20ms, 10s, 60m, 24h or 400d, not 5",
        "l.yaml:7:44 gateway.limits.body_bytes: must be a whole number from 1024 to 268435456, not many",
        "l.yaml:8:10 control: must be a map",
        "l.yaml:9:19 stores.ledger: must be embedded or an http or https URL of ClickHouse",
        "l.yaml:9:52 stores.control: the environment variable DB_URL is not set",
        "l.yaml:11:9 journal.sync: must be each, or an interval from 1ms to 10s, not 5y",
        "l.yaml:12:13 journal.max_size: must be at least 64MiB, not 3MB",
        "l.yaml:13:21 retention.calls: must be at least 1h, or forever, not 1ms",
        "l.yaml:13:32 retention.bill: must be a duration such as 400d, or forever, not never",
        "l.yaml:15:21 dimensions.team.required: must be false, report or true, not maybe",
        "l.yaml:15:55 dimensions.team.default: is not one of the allowed values",
        "l.yaml:15:70 dimensions.team.headers[0]: is a reserved header",
        "l.yaml:16:3 dimensions.Team X: must be a-z, 0-9 and _, starting with a letter, at most 40 long",
        "l.yaml:17:13 dimensions.model_id: is the name of a field every call has",
        "l.yaml:18:24 dimensions.feature.aliases[0]: is itself the name of a dimension",
        "l.yaml:19:31 dimensions.workflow_id.values[1]: does not match the pattern",
        "l.yaml:21:28 keys[0].secret_env: the environment variable NOPE is not set",
        "l.yaml:21:48 keys[0].bind.team: is not one of the allowed values",
        "l.yaml:21:59 keys[0].bind.temm: there is no such dimension; did you mean team?",
        "l.yaml:22:13 keys[1].name: is the name of an earlier key",
        "l.yaml:22:28 keys[1].secret_env: the secret in SHORT must have 32 to 512 characters",
        "l.yaml:23:5 keys[2].name: is missing: must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore",
        "l.yaml:23:5 keys[2].secret_env: is missing: must be the name of an environment variable",
        "l.yaml:23:7 keys[2].nam: unknown key; did you mean name?",
        "l.yaml:25:11 bedrock.region: must be a region such as us-east-1, not us_east",
        "l.yaml:26:15 bedrock.account_id: must be null or an account id: 12 digits in quotes, not 123456789012",
        "l.yaml:27:1 budget: unknown key; did you mean budgets?",
      ]
    `)
  })

  it.each([
    ['control: { tls: { cert: a } }', 'l.yaml:1:12 control.tls'],
    ['control: { auth: { mode: oidc } }', 'l.yaml:1:20 control.auth.mode'],
    ['retention: { bill: 400d }', 'l.yaml:1:14 retention.bill'],
    ['retention: { audit: 400d }', 'l.yaml:1:14 retention.audit'],
    ['imports: [{ name: a, kind: focus, from: b }]', 'l.yaml:1:22 imports[0].kind'],
  ])('[O4] %s is refused as not supported yet', (text, place) => {
    expect(faultsOf(text)).toEqual([`${place}: not supported yet`])
  })

  it('[O2] broken YAML has a line too', () => {
    expect(faultsOf('gateway:\n  port: 1\n  port: 2\n')).toEqual([
      'l.yaml:3:3 this key is there twice',
    ])
    expect(faultsOf('gateway: { port: 1\n')[0]).toMatch(/^l\.yaml:2:1 /)
    expect(faultsOf('a: &x [*x, *y]')[0]).toMatch(/^l\.yaml:1:/)
    expect(faultsOf('{}\n---\n{}')).toEqual([
      'l.yaml:2:1 a second document (after ---): the file must hold one',
    ])
    expect(faultsOf('- 1')).toEqual(['l.yaml:1:1 must be a map'])
  })

  it('[O6] fills variables in, also where a number or a truth value is wanted', () => {
    const text = 'gateway: { port: "${PORT}", insecure: "${YES}", host: "${HOST}" }'
    const result = validated(text, { PORT: '0', YES: 'true', HOST: '::' })
    expect(result.ok && result.value.gateway).toMatchObject({ port: 0, insecure: true, host: '::' })
    expect(faultsOf('control: { public_url: "${URL}" }')).toEqual([
      'l.yaml:1:24 control.public_url: the environment variable URL is not set',
    ])
    expect(faultsOf('data_dir: "${a b}"')[0]).toMatch(/must be followed by the name of a variable/)
    const plain = validated('data_dir: "$${X}"')
    expect(plain.ok && plain.value.data_dir).toBe('${X}')
  })

  it('[O7] shows neither what a variable holds nor the address of a store', () => {
    const env = { LEAK: 'hunter2', KEY: 'hunter2' }
    const text = `
stores: { ledger: 'ftp://u:hunter2@x' }
gateway: { host: "\${LEAK} \${LEAK}", max_policy_age: "\${LEAK}" }
keys: [ { name: k, secret_env: KEY } ]
`
    const faults = faultsOf(text, env)
    expect(faults).toHaveLength(5)
    expect(faults.join('\n')).not.toContain('hunter2')
  })

  it.each([
    ['gateway: { host: 10.0.0.1 }', 'gateway.host'],
    ['control: { host: "::" }', 'control.host'],
    ['control: { host: example.com }', 'control.host'],
  ])('[O8] %s needs insecure: true', (text, path) => {
    const [fault = ''] = faultsOf(text)
    expect(fault).toContain(`${path}: is not a loopback address`)
    expect(faultsOf(text.replace(' }', ', insecure: true }'))).toEqual([])
  })

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '"::1"'])('[O8] %s is loopback', (host) => {
    expect(faultsOf(`gateway: { host: ${host} }`)).toEqual([])
  })

  it('[O8] with TLS any address is fine', () => {
    const text = 'gateway: { host: 10.0.0.1, tls: { cert: c.pem, key: k.pem } }'
    expect(faultsOf(text).filter((fault) => fault.includes('gateway.host'))).toEqual([])
  })

  it.each([
    [
      'stores: { ledger: 5 }',
      ['1:19 stores.ledger: must be embedded or an http or https URL of ClickHouse'],
    ],
    ['gateway: { tls: 5 }', ['1:17 gateway.tls: must be null or { cert, key }, not 5']],
    [
      'bedrock: { on_client_disconnect: 5 }',
      [
        '1:34 bedrock.on_client_disconnect: must be { unary, stream } or a list of { scope, unary, stream }, not 5',
      ],
    ],
    [
      'bedrock: { on_client_disconnect: { unry: drain } }',
      ['1:36 bedrock.on_client_disconnect.unry: unknown key; did you mean unary?'],
    ],
    [
      'bedrock: { on_client_disconnect: { unary: keep } }',
      ['1:43 bedrock.on_client_disconnect.unary: must be drain or cancel, not keep'],
    ],
    [
      'bedrock: { on_client_disconnect: [ { scop: {}, stream: keep } ] }',
      [
        '1:38 bedrock.on_client_disconnect[0].scop: unknown key; did you mean scope?',
        '1:56 bedrock.on_client_disconnect[0].stream: must be drain or cancel, not keep',
      ],
    ],
  ])('[O2] [O3] %s: a fault of the shape that was meant', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults.map((fault) => `l.yaml:${fault}`))
  })

  it.each([
    [
      'bedrock: { retry: { attempts: 6, budget: 20 } }',
      [
        '1:31 bedrock.retry.attempts: must be a whole number from 1 to 5, not 6',
        '1:42 bedrock.retry.budget: must be a share from 0% to 100%, not 20',
      ],
    ],
    [
      'bedrock: { drain_time: 2h, drains: -1, inject_metadata: yes }',
      [
        '1:24 bedrock.drain_time: must be from 1s to 60m, not 2h',
        '1:36 bedrock.drains: must be a whole number from 0 to 100000, not -1',
        '1:57 bedrock.inject_metadata: must be true or false, not yes',
      ],
    ],
    [
      'gateway: { limits: { held_bytes: 2000, streams: 0, calls: 0, body_timeout: 1ms } }',
      [
        '1:34 gateway.limits.held_bytes: held_bytes is less than body_bytes: a body of that size has no room',
        '1:49 gateway.limits.streams: must be a whole number from 1 to 100000, not 0',
        '1:59 gateway.limits.calls: must be a whole number from 1 to 100000, not 0',
        '1:76 gateway.limits.body_timeout: must be from 100ms to 1h, not 1ms',
      ],
    ],
    [
      'gateway: { audience: "a b", anonymous: { mode: record, from: [] } }',
      [
        '1:22 gateway.audience: must be null or 1 to 255 characters of ASCII without spaces, not a b',
        '1:62 gateway.anonymous.from: must name a network: mode record takes calls from nowhere else',
      ],
    ],
    [
      'telemetry: { traces: { endpoint: x, sample: 2 } }',
      [
        '1:34 telemetry.traces.endpoint: must be an http or https URL, not x',
        '1:45 telemetry.traces.sample: must be a number from 0 to 1, not 2',
      ],
    ],
  ])('%s is refused', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults.map((fault) => `l.yaml:${fault}`))
  })

  it('[O7] headers of a trace collector come from a variable and are never shown', () => {
    const text = 'telemetry: { traces: { endpoint: "http://c:4318", headers_env: H } }'
    const at = 'l.yaml:1:64 telemetry.traces.headers_env'
    expect(faultsOf(text)).toEqual([`${at}: the environment variable H is not set`])
    expect(faultsOf(text, { H: 'authorization=Bearer%20hunter2,x-tenant=a=b' })).toEqual([])
    for (const wrong of ['hunter2', '', 'a=b,', 'a b=hunter2', 'a=hunter2\nb: c']) {
      expect(faultsOf(text, { H: wrong })).toEqual([
        `${at}: H must be name=value pairs with commas between them`,
      ])
    }
  })

  it('two keys with one secret are a fault; a shell without the secrets may still read', () => {
    const keys = 'keys: [ { name: a, secret_env: A }, { name: b, secret_env: B } ]'
    expect(faultsOf(keys, { A: SECRET, B: SECRET })).toEqual([
      'l.yaml:1:60 keys[1].secret_env: the same secret as keys[0]',
    ])
    expect(faultsOf(keys, { A: SECRET, B: `${SECRET}2` })).toEqual([])
    expect(faultsOf(keys)).toHaveLength(2)
    expect(validateText(keys, 'l.yaml', {}, null).ok).toBe(true)
  })

  it('a pattern that attribution cannot work with is a fault at its line', () => {
    const [fault = '', ...more] = faultsOf("dimensions:\n  team: { pattern: '(' }")
    expect(fault).toMatch(/^l\.yaml:2:20 dimensions\.team\.pattern: /)
    expect(more).toEqual([])
  })

  it('a key cannot be bound to what a credential may not say', () => {
    const text = `
dimensions: { squad: { assert: [request] } }
keys: [ { name: a, secret_env: A, bind: { squad: x } } ]`
    expect(faultsOf(text, { A: SECRET })).toEqual([
      'l.yaml:3:50 keys[0].bind.squad: may not be said by a credential (assert)',
    ])
  })

  it('an empty file and empty sections mean the defaults', () => {
    expect(faultsOf('')).toEqual([])
    expect(faultsOf('gateway:\ndimensions:\n  team:\nkeys:\n# nothing else\n')).toEqual([])
  })
})
