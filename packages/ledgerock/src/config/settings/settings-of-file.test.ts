import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { settingsOfFile } from './settings-of-file.ts'
import type { Config } from './settings.ts'
import { validated } from '../testing/faults-of.ts'

const NO_OVERRIDES = { gatewayPort: null, controlPort: null, workers: null, masterKey: null }

function settings(text: string): Config {
  const around = { path: null, dataDir: '/data', overrides: NO_OVERRIDES, env: {} }
  return settingsOfFile(mustOk(validated(text)), around)
}

describe('settingsOfFile', () => {
  it('[O1] one target and one disconnect policy are lists of one', () => {
    const { bedrock, gateway } = settings(`
gateway: { audience: lr.example, anonymous: { mode: record, from: [10.0.0.0/8] } }
bedrock:
  region: eu-west-1
  account_id: "012345678901"
  mantle_endpoint: 'http://m'
  on_client_disconnect: { stream: drain }`)
    const { defaultRegion, targets, onClientDisconnect, injectMetadata, drain, retry } = bedrock
    expect(defaultRegion).toBe('eu-west-1')
    expect(targets).toEqual([
      {
        name: 'default',
        region: 'eu-west-1',
        accountId: '012345678901',
        endpoint: null,
        mantleEndpoint: 'http://m',
        when: {},
        identity: { mode: 'gateway' },
      },
    ])
    expect(onClientDisconnect).toEqual([{ scope: {}, unary: 'drain', stream: 'drain' }])
    expect([injectMetadata, drain, retry]).toEqual([
      true,
      { timeMs: 60_000, max: 200 },
      { attempts: 2, budgetPercent: 20 },
    ])
    expect(gateway).toMatchObject({
      tls: null,
      audience: 'lr.example',
      anonymous: { mode: 'record', from: ['10.0.0.0/8'] },
    })
  })

  it('[O1] several targets, policies, owners and routes in the order of the file', () => {
    const role = 'arn:aws:iam::210987654321:role/bedrock'
    const profile = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/p1'
    const config = settings(`
bedrock:
  targets:
    - name: research
      region: eu-west-1
      when: { team: research }
      identity:
        mode: session
        role_arn: '${role}'
        session_name: 'lr-{team}'
        tags: { team: team }
    - name: main
      region: eu-west-1
      identity: { mode: profiles, map: [ { model: m, arn: '${profile}' } ] }
  on_client_disconnect: [ { scope: { team: search }, unary: cancel, stream: drain } ]
  retry: { attempts: 3, budget: 5% }
dimensions: { team: { values: [research, search] } }
owners:
  - { match: 'arn:aws:*', set: { team: search } }
  - { match: { account: '1*' }, set: { team: research } }
routes:
  - when: { team: search }
    from: 'anthropic.*'
    fallback: [ { scope: global }, { region: eu-west-1, model: x } ]
  - when: { team: search, budget: b, above: 80 }
    to: [ { model: m, tier: flex } ]
budgets: [ { name: b, period: month, limit_usd: '5' } ]
`)
    const { targets, defaultRegion, onClientDisconnect, retry } = config.bedrock
    expect(defaultRegion).toBe('eu-west-1')
    expect(targets.map(({ name, when, identity }) => ({ name, when, identity }))).toEqual([
      {
        name: 'research',
        when: { team: 'research' },
        identity: {
          mode: 'session',
          roleArn: role,
          sessionName: 'lr-{team}',
          tags: { team: 'team' },
          onFailure: 'refuse',
        },
      },
      {
        name: 'main',
        when: {},
        identity: { mode: 'profiles', map: [{ when: {}, model: 'm', arn: profile }] },
      },
    ])
    expect(onClientDisconnect).toEqual([
      { scope: { team: 'search' }, unary: 'cancel', stream: 'drain' },
      { scope: {}, unary: 'drain', stream: 'cancel' },
    ])
    expect(retry).toEqual({ attempts: 3, budgetPercent: 5 })
    expect(config.owners).toEqual([
      { match: { principal: 'arn:aws:*' }, set: { team: 'search' }, from: null, to: null },
      { match: { account: '1*' }, set: { team: 'research' }, from: null, to: null },
    ])
    expect(config.routes).toEqual([
      {
        when: { team: 'search' },
        budget: null,
        from: 'anthropic.*',
        to: [],
        fallback: [
          { region: null, scope: 'global', model: null },
          { region: 'eu-west-1', scope: null, model: 'x' },
        ],
      },
      {
        when: { team: 'search' },
        budget: { name: 'b', above: 80 },
        from: '*',
        to: [{ region: null, scope: null, model: 'm', tier: 'flex' }],
        fallback: [],
      },
    ])
  })
})
