import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loadConfig, sameConfig, type Config } from '../config.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mustOk } from '../kernel/result.ts'
import { configFromWire, configToWire } from './config-wire.ts'

const KEY_SECRET = 'a-declared-secret-of-the-billing-team-42'
const MASTER_KEY = 'ab'.repeat(32)
const YAML = `
stores: { ledger: 'https://ledger:pass-word@ch.example', control: 'postgres://c:pass-word@pg.example/lr' }
dimensions: { environment: { values: [prod, dev] }, workflow_id: { pattern: '^[a-z0-9-]{1,64}$' } }
keys: [ { name: declared, secret_env: DECLARED, bind: { team: billing } } ]
owners: [ { match: 'arn:aws:*', set: { team: billing }, from: 2026-10-01 } ]
routes: [ { from: 'anthropic.*', fallback: [ { scope: global } ] } ]
bedrock:
  targets:
    - { name: a, region: us-east-1, when: { team: billing } }
    - { name: b, region: us-east-1 }
telemetry: { traces: { endpoint: 'https://collector.example', headers_env: OTLP_HEADERS } }
`
const COLLECTOR_TOKEN = 'a-collector-token'

function loaded(): Config {
  const directory = mkdtempSync(join(tmpdir(), 'ledgerock-wire-'))
  try {
    const path = join(directory, 'ledgerock.yaml')
    writeFileSync(path, YAML)
    const env = {
      OTLP_HEADERS: `authorization=${COLLECTOR_TOKEN}`,
      DECLARED: KEY_SECRET,
      LEDGEROCK_MASTER_KEY: MASTER_KEY,
    }
    return mustOk(loadConfig({ path, env, flags: {}, cwd: directory }))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

describe('configuration on the wire', () => {
  it('[Z9] arrives as it was sent, secrets included', () => {
    const config = loaded()
    const arrived = configFromWire(configToWire(config))
    expect(sameConfig(config, arrived)).toBe(true)
    expect(JSON.stringify(arrived)).toBe(JSON.stringify(config))
    expect(arrived.masterKey?.reveal()).toBe(MASTER_KEY)
    expect(arrived.keys[0]?.secret?.reveal()).toBe(KEY_SECRET)
    expect(arrived.telemetry.traces?.headers['authorization']?.reveal()).toBe(COLLECTOR_TOKEN)
    const { ledger, control } = arrived.stores
    expect(ledger.kind === 'clickhouse' && ledger.url.reveal()).toContain('pass-word')
    expect(control.kind === 'postgres' && control.url.reveal()).toContain('pass-word')
  })

  it('[Z9] arrives frozen, and its secrets print as before', () => {
    const arrived = configFromWire(configToWire(loaded()))
    for (const part of [
      arrived,
      arrived.gateway.limits,
      arrived.keys,
      arrived.keys[0]?.bind,
      arrived.bedrock.targets[0],
    ]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    const printed = inspect(arrived, { depth: 9 }) + JSON.stringify(arrived)
    for (const secret of [KEY_SECRET, MASTER_KEY, 'pass-word', COLLECTOR_TOKEN])
      expect(printed).not.toContain(secret)
  })
})
