import { OVERFLOW } from '@ledgerock/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { attribute, type Attribution } from './attribute.ts'
import { createCardinalityGuard } from './cardinality-guard.ts'
import { readClientHeaders } from './client-headers.ts'
import { compileDimensionRules, defaultRule, type DimensionRule } from './dimension-rule.ts'

const rule = (name: string, more: Partial<DimensionRule>): DimensionRule => ({
  ...defaultRule(name),
  ...more,
})

type Told = {
  readonly rules?: readonly DimensionRule[]
  readonly binding?: Record<string, string>
  readonly identity?: Record<string, string>
  readonly headers?: readonly (readonly [string, string])[]
  readonly requestMetadata?: Record<string, string>
}

function told({ rules = [], binding, identity, headers = [], requestMetadata }: Told): Attribution {
  const compiled = mustOk(compileDimensionRules(rules))
  const sources = {
    binding: binding ?? null,
    identity: identity ?? null,
    client: readClientHeaders(headers.flat(), compiled),
    requestMetadata: requestMetadata ?? null,
  }
  return attribute(compiled, sources, createCardinalityGuard(compiled))
}

const METADATA = 'x-amzn-bedrock-request-metadata'
const json = (entries: Record<string, unknown>): string => JSON.stringify(entries)

/** Every way to say who a user is, strongest first. */
const LADDER: readonly (readonly [string, Told])[] = [
  ['key', { binding: { user_id: 'key' } }],
  ['identity', { identity: { user_id: 'identity' } }],
  ['header', { headers: [['X-Ledgerock-User-Id', 'header']] }],
  ['own header', { headers: [['X-User', 'own header']] }],
  ['metadata', { headers: [[METADATA, json({ user_id: 'metadata' })]] }],
  ['request_metadata', { requestMetadata: { user_id: 'request_metadata' } }],
  ['baggage', { headers: [['baggage', 'user_id=baggage;prop=1']] }],
  ['litellm customer', { headers: [['x-litellm-customer-id', 'litellm customer']] }],
  ['litellm end user', { headers: [['x-litellm-end-user-id', 'litellm end user']] }],
  [
    'litellm metadata',
    { headers: [['x-litellm-spend-logs-metadata', json({ user_id: 'litellm metadata' })]] },
  ],
  ['litellm tags', { headers: [['x-litellm-tags', 'beta, user_id:litellm tags']] }],
  ['portkey', { headers: [['x-portkey-metadata', json({ _user: 'portkey' })]] }],
]
const SOURCE_OF: Record<string, string> = {
  'own header': 'header',
  'litellm customer': 'litellm',
  'litellm end user': 'litellm',
  'litellm metadata': 'litellm',
  'litellm tags': 'litellm',
}
const USER_RULES = [rule('user_id', { headers: ['X-User'], default: 'nobody' })]

function merged(parts: readonly Told[]): Told {
  const headers = parts.flatMap((part) => part.headers ?? [])
  return Object.assign({}, ...parts, { headers, rules: USER_RULES }) as Told
}

describe('attribute', () => {
  it.each(LADDER.map(([name], index) => [name, index] as const))(
    '[A1] %s beats everything below it, and what lost is recorded',
    (name, index) => {
      const below = LADDER.slice(index)
      const { dimensions, provenance, conflicts } = told(merged(below.map(([, part]) => part)))
      expect(dimensions['user_id']).toBe(name)
      expect(provenance['user_id']).toBe(SOURCE_OF[name] ?? name)
      expect(conflicts).toEqual(
        below.slice(1).map(([ignored]) => ({
          dimension: 'user_id',
          kept: name,
          kept_source: SOURCE_OF[name] ?? name,
          ignored,
          ignored_source: SOURCE_OF[ignored] ?? ignored,
        })),
      )
    },
  )

  it('[A1] the order of headers on the wire does not matter', () => {
    const parts = LADDER.slice(2).map(([, part]) => part)
    const forward = told(merged(parts))
    const { headers = [], ...rest } = merged(parts)
    expect(told({ ...rest, headers: headers.toReversed() }).dimensions).toEqual(forward.dimensions)
  })

  it('[A2] without a word there is the default, without a default `unknown`', () => {
    const { dimensions, provenance } = told({ rules: USER_RULES })
    expect(dimensions).toEqual({
      team: 'unknown',
      application: 'unknown',
      environment: 'unknown',
      cost_center: 'unknown',
      feature: 'unknown',
      workflow_id: 'unknown',
      tenant_id: 'unknown',
      user_id: 'nobody',
    })
    expect(provenance).toMatchObject({ user_id: 'default', team: 'unknown' })
  })

  it('[A3] no header and no body changes what a credential binds', () => {
    const names = fc.constantFrom(
      'team',
      'team_id',
      'Team',
      'TEAM-ID',
      'application',
      'tags',
      '_user',
      '__proto__',
      'constructor',
      'x',
    )
    const values = fc.oneof(
      fc.constantFrom('search', 'evil', 'unknown', OVERFLOW, ''),
      fc.string(),
      fc.string({ unit: 'binary' }),
    )
    const entries = fc.dictionary(names, values)
    const header = fc.oneof(
      fc.tuple(
        names.map((name) => `x-ledgerock-${name}`),
        values,
      ),
      fc.tuple(fc.constantFrom('x-team', 'X-TEAM'), values),
      fc.tuple(
        fc.constantFrom(METADATA, 'x-litellm-spend-logs-metadata', 'x-portkey-metadata'),
        fc.oneof(entries.map(json), values),
      ),
      fc.tuple(
        fc.constant('baggage'),
        fc
          .tuple(names, values)
          .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`),
      ),
      fc.tuple(
        fc.constantFrom('x-litellm-tags', 'x-litellm-customer-id'),
        fc.tuple(names, values).map(([name, value]) => `${name}:${value}`),
      ),
    )
    const rules = [rule('team', { aliases: ['team_id'], headers: ['x-team'], values: ['search'] })]
    fc.assert(
      fc.property(
        fc.array(header, { maxLength: 8 }),
        entries,
        fc.constantFrom('team', 'team_id'),
        (headers, requestMetadata, name) => {
          const { dimensions, provenance, conflicts } = told({
            rules,
            binding: { [name]: 'search' },
            headers,
            requestMetadata,
          })
          expect(dimensions['team']).toBe('search')
          expect(provenance['team']).toBe('key')
          for (const conflict of conflicts.filter(({ dimension }) => dimension === 'team')) {
            expect(conflict).toMatchObject({ kept: 'search', kept_source: 'key' })
            expect(conflict.ignored_source).not.toBe('key')
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('[A3] what is bound stands even where no request value would be allowed', () => {
    const rules = [rule('team', { values: ['search'], maxValues: 1 })]
    expect(told({ rules, binding: { team: 'a-new-team' } })).toMatchObject({
      dimensions: { team: 'a-new-team' },
      invalid: [],
    })
  })

  it('[A4] a source that may not say a dimension is recorded, not obeyed', () => {
    const rules = [rule('team', { assert: ['credential'] })]
    const headers = [['x-ledgerock-team', 'evil']] as const
    expect(told({ rules, headers })).toMatchObject({
      dimensions: { team: 'unknown' },
      conflicts: [
        {
          dimension: 'team',
          kept: 'unknown',
          kept_source: 'unknown',
          ignored: 'evil',
          ignored_source: 'header',
        },
      ],
    })
    const identityOnly = [rule('team', { assert: ['identity'] })]
    const both = {
      rules: identityOnly,
      binding: { team: 'key' },
      identity: { team: 'aws' },
      headers,
    }
    expect(told(both)).toMatchObject({
      dimensions: { team: 'aws' },
      provenance: { team: 'identity' },
      conflicts: [{ ignored: 'key' }, { ignored: 'evil' }],
    })
    expect(told({ rules: identityOnly, identity: { team: 'evil' }, headers }).conflicts).toEqual([])
  })

  it('[A5] required dimensions: refused, reported or neither', () => {
    const rules = [
      rule('team', { required: true }),
      rule('feature', { required: 'report' }),
      rule('application', { required: true, default: 'shared' }),
    ]
    expect(told({ rules }).missing).toEqual(['team'])
    expect(told({ rules }).provenance['feature']).toBe('unknown')
    expect(told({ rules }).reported).toEqual(['feature'])
    expect(told({ rules, binding: { feature: 'unknown' } }).reported).toEqual(['feature'])
    expect(told({ rules, binding: { feature: 'search' } }).reported).toEqual([])
    expect(told({ rules, headers: [['x-ledgerock-team', 'unknown']] }).missing).toEqual(['team'])
    expect(told({ rules, headers: [['x-ledgerock-team', '']] }).missing).toEqual(['team'])
    expect(told({ rules, headers: [['x-ledgerock-team', 'search']] }).missing).toEqual([])
  })

  it.each([
    ['a'.repeat(257), 'must be at most 256 characters long'],
    ['line\nbreak', 'must not contain control characters'],
    ['\ud800', 'must not contain control characters'],
    ['other', 'must be one of the declared values'],
    [OVERFLOW, `must not be the reserved ${OVERFLOW}`],
  ])('[A6] %j is invalid and named', (value, message) => {
    const rules = [rule('team', { values: ['search'] })]
    const { invalid } = told({ rules, requestMetadata: { team: value } })
    expect(invalid).toEqual([{ dimension: 'team', message }])
  })

  it('[A6] a pattern holds for the whole value', () => {
    const rules = [rule('workflow_id', { pattern: '^[a-z0-9-]{1,64}$' })]
    const invalid = (value: string) =>
      told({ rules, headers: [['x-ledgerock-workflow-id', value]] }).invalid
    expect(invalid('wf-1')).toEqual([])
    expect(invalid('WF 1')).toEqual([
      { dimension: 'workflow_id', message: 'must match ^[a-z0-9-]{1,64}$' },
    ])
  })

  it('[A6] a losing value need not be valid, and is shown short and clean', () => {
    const { invalid, conflicts } = told({
      binding: { team: 'search' },
      requestMetadata: { team: `\n${'x'.repeat(999)}` },
    })
    expect(invalid).toEqual([])
    expect(conflicts[0]?.ignored).toBe(`\ufffd${'x'.repeat(255)}`)
  })

  it('[A8] headers of ours that stand twice are invalid, in any spelling', () => {
    const twice = (name: string, other = name) =>
      told({
        rules: USER_RULES,
        headers: [
          [name, 'a'],
          [other, 'a'],
        ],
      }).invalid
    expect(twice('x-ledgerock-cost-center', 'X-Ledgerock-Cost_Center')).toEqual([
      { dimension: 'x-ledgerock-cost_center', message: 'must be sent once' },
    ])
    expect(twice('x-user', 'X-User')).toHaveLength(1)
    expect(twice('x-ledgerock-request-id')).toHaveLength(1)
    expect(twice('user-agent')).toEqual([])
    expect(
      told({
        headers: [
          ['baggage', 'team=a'],
          ['baggage', 'feature=b'],
        ],
      }),
    ).toMatchObject({
      dimensions: { team: 'a', feature: 'b' },
      invalid: [],
    })
  })

  it.each([METADATA, 'x-litellm-spend-logs-metadata', 'x-portkey-metadata'])(
    '[A8] %s that cannot be read is named, not passed over',
    (name) => {
      for (const value of ['[object Object]', '[]', '"a"', 'null', '']) {
        expect(told({ headers: [[name, value]] }).invalid).toEqual([
          { dimension: name, message: 'must hold a JSON object' },
        ])
      }
    },
  )

  it('[A9] what is no dimension becomes an attribute, within limits', () => {
    const { attributes } = told({
      headers: [
        ['x-ledgerock-experiment', 'blue'],
        ['x-ledgerock-region', 'eu-west-1'],
        ['baggage', 'sentry-trace=1,ledgerock.build=77'],
        ['x-litellm-tags', 'beta, free tier'],
        ['x-portkey-metadata', json({ _prompt: 'p1', nested: { a: 1 }, count: 7 })],
      ],
      requestMetadata: { long: 'y'.repeat(300), bad: 'a\u0000b' },
    })
    expect({ ...attributes }).toEqual({
      experiment: 'blue',
      long: 'y'.repeat(256),
      build: '77',
      tags: 'beta,free tier',
      _prompt: 'p1',
      count: '7',
    })
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, 'v']))
    expect(Object.keys(told({ requestMetadata: many }).attributes)).toHaveLength(16)
  })

  it('[A9] metadata of other gateways is mapped to our dimensions', () => {
    const { dimensions } = told({
      headers: [
        ['x-litellm-spend-logs-metadata', json({ 'cost-center': 42, Feature: 'chat' })],
        ['x-litellm-tags', 'team=search'],
        ['x-portkey-metadata', json({ _user: 'u', _environment: 'prod', team: 'ignored' })],
      ],
    })
    expect(dimensions).toMatchObject({
      cost_center: '42',
      feature: 'chat',
      team: 'search',
      user_id: 'u',
      environment: 'prod',
    })
  })

  it('[A10] past its limit a dimension overflows, but never for what is ours', () => {
    const compiled = mustOk(compileDimensionRules([rule('workflow_id', { maxValues: 2 })]))
    const guard = createCardinalityGuard(compiled)
    const seen = (value: string, binding: Record<string, string> | null = null) => {
      const client = readClientHeaders(['x-ledgerock-workflow-id', value], compiled)
      const sources = { binding, identity: null, client, requestMetadata: null }
      const { dimensions, provenance } = attribute(compiled, sources, guard)
      return [dimensions['workflow_id'], provenance['workflow_id']]
    }
    expect(seen('a')).toEqual(['a', 'header'])
    expect(seen('b')).toEqual(['b', 'header'])
    expect(seen('c')).toEqual([OVERFLOW, 'overflow'])
    expect(seen('a')).toEqual(['a', 'header'])
    expect(seen('x', { workflow_id: 'bound' })).toEqual(['bound', 'key'])
    expect(seen('d')).toEqual([OVERFLOW, 'overflow'])
  })

  it('[A10] a refused call takes no room', () => {
    const compiled = mustOk(
      compileDimensionRules([rule('team', { required: true }), rule('feature', { maxValues: 1 })]),
    )
    const guard = createCardinalityGuard(compiled)
    const client = readClientHeaders(['x-ledgerock-feature', 'spam'], compiled)
    attribute(compiled, { binding: null, identity: null, client, requestMetadata: null }, guard)
    expect(guard.size(compiled.indexOf.get('feature') as number)).toBe(0)
  })

  it('[A6] text that is not ASCII is read as UTF-8, as clients send it', () => {
    const latin1 = Buffer.from('Zürich 東京').toString('latin1')
    expect(told({ headers: [['x-ledgerock-team', latin1]] }).dimensions['team']).toBe('Zürich 東京')
    expect(told({ headers: [[METADATA, `{"team":"${latin1}"}`]] }).dimensions['team']).toBe(
      'Zürich 東京',
    )
    expect(told({ headers: [['x-ledgerock-team', 'Z\u00fcrich']] }).dimensions['team']).toBe(
      'Zürich',
    )
  })
})
