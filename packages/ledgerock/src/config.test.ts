import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clientSettings, faultText, loadConfig, type Config, type LoadOptions } from './config.ts'
import { liveConfig, restartChanges, sameConfig } from './config/reload.ts'
import { configJsonSchema } from './config/schema/schema.ts'
import { validateText } from './config/validate.ts'
import { mustOk } from './kernel/result.ts'

const SECRET = 'a-secret-of-more-than-32-characters!'
const GUIDES = [
  'alerts',
  'billing',
  'claude-code',
  'governance',
  'identity',
  'prices',
  'resilience',
].map((guide) => `guides/${guide}.md`)
const REPOSITORY = path.resolve(import.meta.dirname, '../../..')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ledgerock-config-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function load(text: string | null, rest: Partial<LoadOptions> = {}): ReturnType<typeof loadConfig> {
  const cwd = mkdtempSync(path.join(folder, 'cwd-'))
  if (text !== null) writeFileSync(path.join(cwd, 'ledgerock.yaml'), text)
  return loadConfig({ env: {}, flags: {}, cwd, ...rest })
}

function must(text: string | null, rest: Partial<LoadOptions> = {}): Config {
  return mustOk(load(text, rest))
}

describe('loadConfig', () => {
  it('[O1] without file, flags and environment is all defaults, frozen throughout', () => {
    const config = must(null)
    expect(config).toMatchObject({
      path: null,
      masterKey: null,
      gateway: { host: '127.0.0.1', port: 8080, workers: 2, drainTimeoutMs: 30_000 },
      control: { host: '127.0.0.1', port: 8081, publicUrl: null },
      stores: { ledger: { kind: 'embedded' }, control: { kind: 'embedded' } },
      journal: { sync: { kind: 'interval', intervalMs: 20 }, maxBytes: 10 * 2 ** 30 },
      retention: { callsMs: 34_560_000_000, rawUsageMs: 2_592_000_000 },
    })
    expect(config.gateway.limits).toEqual({
      headerBytesMax: 32_768,
      bodyBytesMax: 26_214_400,
      heldBytesMax: 419_430_400,
      connectionsMax: 10_000,
      streamsMax: 1000,
      callsMax: 2000,
      headerTimeoutMs: 10_000,
      bodyTimeoutMs: 60_000,
      idleTimeoutMs: 350_000,
      callTimeoutMs: 3_600_000,
    })
    expect(config.dimensions.map(({ name }) => name)).toHaveLength(8)
    expect(Object.isFrozen(config.gateway.limits)).toBe(true)
    expect(Object.isFrozen(config.dimensions[0]?.assert)).toBe(true)
  })

  it('[O5] a flag wins over the environment, that over the file, that over the default', () => {
    const text = 'gateway: { port: 1001 }\ncontrol: { port: 1002 }\ndata_dir: from-file\n'
    const env = { LEDGEROCK_GATEWAY_PORT: '2001', LEDGEROCK_DATA_DIR: 'from-env' }
    const file = must(text)
    expect([file.gateway.port, file.control.port]).toEqual([1001, 1002])
    expect(path.basename(file.dataDir)).toBe('from-file')
    const variables = must(text, { env })
    expect([variables.gateway.port, variables.control.port]).toEqual([2001, 1002])
    expect(path.basename(variables.dataDir)).toBe('from-env')
    const flags = { gatewayPort: '0', controlPort: '0', data: 'from-flag', workers: '7' }
    const flagged = must(text, { env, flags })
    expect([flagged.gateway.port, flagged.control.port, flagged.gateway.workers]).toEqual([0, 0, 7])
    expect(path.basename(flagged.dataDir)).toBe('from-flag')
  })

  it('[O1] faults of flags, environment and file come together', () => {
    const env = { LEDGEROCK_CONTROL_PORT: 'x', LEDGEROCK_MASTER_KEY: 'short' }
    const result = load('gateway: { port: 70000 }', { env, flags: { gatewayPort: '-1' } })
    expect(!result.ok && result.problem.map(({ path: at }) => at)).toEqual([
      'LEDGEROCK_MASTER_KEY',
      '--gateway-port',
      'LEDGEROCK_CONTROL_PORT',
      'gateway.port',
    ])
    expect(load('gateway: { port: 8081 }').ok).toBe(false)
  })

  it('takes the file of the flag, else of the environment, else ledgerock.yaml where it stands', () => {
    const named = path.join(folder, 'named.yaml')
    writeFileSync(named, 'gateway: { workers: 5 }')
    expect(must('gateway: { workers: 4 }').gateway.workers).toBe(4)
    expect(must(null, { flags: { config: named } }).gateway.workers).toBe(5)
    expect(must(null, { env: { LEDGEROCK_CONFIG: named } }).path).toBe(named)
    const missing = load(null, { flags: { config: 'nowhere.yaml' } })
    expect(!missing.ok && missing.problem[0]?.message).toBe('there is no such file')
    const directory = load(null, { flags: { config: folder } })
    expect(!directory.ok && directory.problem[0]?.message).toBe('is a folder, not a file')
  })

  it('a data_dir in the file is relative to the file, one that is typed to where the user stands', () => {
    mkdirSync(path.join(folder, 'etc'), { recursive: true })
    const file = path.join(folder, 'etc', 'l.yaml')
    writeFileSync(file, 'data_dir: ../var\n')
    const options = { env: {}, flags: { config: file }, cwd: folder }
    expect(mustOk(loadConfig(options)).dataDir).toBe(path.join(folder, 'var'))
    const typed = { ...options, flags: { config: file, data: 'here' } }
    expect(mustOk(loadConfig(typed)).dataDir).toBe(path.join(folder, 'here'))
    writeFileSync(file, '')
    expect(mustOk(loadConfig(options)).dataDir).toBe(path.join(folder, 'data'))
  })

  it('merges declared dimensions over the default ones', () => {
    const config = must(`
dimensions:
  team: { required: true, values: [search, support], headers: [X-Team] }
  squad: { assert: [request], max_values: 3 }
`)
    const byName = new Map(config.dimensions.map((dimension) => [dimension.name, dimension]))
    expect(config.dimensions.map(({ name }) => name).slice(-2)).toEqual(['user_id', 'squad'])
    expect(byName.get('team')).toMatchObject({ required: true, headers: ['x-team'] })
    expect(byName.get('squad')).toMatchObject({ assert: ['request'], maxValues: 3, default: null })
    expect(byName.get('feature')).toMatchObject({ required: false, values: null })
  })

  it('[O7] holds secrets that no print shows', () => {
    const key = '0123456789abcdef'.repeat(4)
    const config = must(
      `stores: { control: 'postgres://u:hunter2@db/x' }
keys: [ { name: a, secret_env: A, bind: { team: search } } ]`,
      { env: { A: SECRET, LEDGEROCK_MASTER_KEY: key } },
    )
    expect(config.keys[0]?.secret?.reveal()).toBe(SECRET)
    expect(config.masterKey?.reveal()).toBe(key)
    const { control } = config.stores
    expect(control.kind === 'postgres' && control.url.reveal()).toContain('hunter2')
    const shown = `${inspect(config, { depth: 9, showHidden: true })}${JSON.stringify(config)}`
    for (const secret of [SECRET, key, 'hunter2']) expect(shown).not.toContain(secret)
    expect(String(config.masterKey)).toBe('[secret]')
  })

  it('[O14] files of TLS lie beside the configuration; a shell without rights to them may still read it', () => {
    const at = mkdtempSync(path.join(folder, 'tls-'))
    const file = path.join(at, 'l.yaml')
    writeFileSync(file, 'gateway: { tls: { cert: pem/tls.crt, key: pem/tls.key } }')
    const options = { env: {}, flags: { config: file }, cwd: folder }
    const refused = loadConfig(options)
    expect(!refused.ok && refused.problem.map(({ message }) => message)).toEqual([
      `there is no file ${path.join(at, 'pem/tls.crt')}`,
      `there is no file ${path.join(at, 'pem/tls.key')}`,
    ])
    expect(mustOk(loadConfig({ ...options, secrets: 'optional' })).gateway.tls).toEqual({
      certFile: path.join(at, 'pem/tls.crt'),
      keyFile: path.join(at, 'pem/tls.key'),
    })
  })

  it('[O7] [O15] headers of a trace collector are a secret whose change waits for a restart', () => {
    const text = 'telemetry: { traces: { endpoint: "http://c", headers_env: H, sample: 0.25 } }'
    const config = must(text, { env: { H: 'authorization=hunter2' } })
    const { traces } = config.telemetry
    expect(traces).toMatchObject({ endpoint: 'http://c', sampleRatio: 0.25 })
    expect(traces?.headers['authorization']?.reveal()).toBe('hunter2')
    expect(inspect(config, { depth: 9 })).not.toContain('hunter2')
    const other = must(`data_dir: ${config.dataDir}\n${text}`, { env: { H: 'a=b' } })
    expect(restartChanges(config, other)).toEqual(['telemetry'])
  })

  it('[O15] keys, owners, anonymous callers, rules, budgets and alerts are taken over at once', () => {
    const running = must('gateway: { port: 1 }')
    const wanted = must(
      `data_dir: ${running.dataDir}
gateway: { port: 1, anonymous: { mode: record } }
owners: [ { match: 'arn:aws:*', set: { team: search } } ]
dimensions: { team: { values: [search] } }
keys: [ { name: a, secret_env: A } ]
access: [ { deny: ['meta.*'] } ]
limits: [ { requests_per_minute: 5 } ]
guardrails: [ { id: gr-1, version: "3" } ]
budgets: [ { name: b, period: day, limit_usd: "5" } ]
alerts: { allow_hosts: [hooks.internal] }
prices: { overrides: [ { name: edp, percent: "-9" } ] }`,
      { env: { A: SECRET } },
    )
    expect(restartChanges(running, wanted)).toEqual([])
    expect(sameConfig(running, wanted)).toBe(false)
    const { path: _path, ...live } = liveConfig(running, wanted)
    const { path: _other, ...all } = wanted
    expect(live).toEqual(all)
  })

  it('[O15] says which changes wait for a restart', () => {
    const running = must('gateway: { port: 1, workers: 2 }')
    const wanted = must(
      `data_dir: ${running.dataDir}
gateway: { port: 2, workers: 3, drain_timeout: 5s, audience: lr, limits: { calls: 5 } }
control: { public_url: 'https://lr.example' }
stores: { ledger: 'http://ch:8123' }
journal: { sync: each }
retention: { calls: 90d }
bedrock: { region: eu-west-1 }
routes: [ { fallback: [ { scope: geo } ] } ]
dimensions: { squad: {} }`,
    )
    expect(restartChanges(running, wanted)).toEqual([
      'gateway.port',
      'gateway.workers',
      'gateway.drain_timeout',
      'gateway.audience',
      'gateway.limits',
      'control.public_url',
      'stores.ledger',
      'journal',
      'retention',
      'bedrock',
      'routes',
      'dimensions',
    ])
    const rules = must(`data_dir: ${running.dataDir}
gateway: { port: 1, workers: 2 }
dimensions: { team: { values: [search] } }`)
    expect(sameConfig(running, rules)).toBe(false)
    expect(restartChanges(running, rules)).toEqual([])
    expect(restartChanges(running, running)).toEqual([])
    expect(sameConfig(running, running)).toBe(true)
    expect(sameConfig(running, wanted)).toBe(false)
  })
})

describe('clientSettings', () => {
  it('finds the server although the rest of the file is broken', () => {
    const cwd = mkdtempSync(path.join(folder, 'client-'))
    writeFileSync(path.join(cwd, 'ledgerock.yaml'), 'data_dir: d\nnonsense: 1\nkeys: [{}]\n')
    const settings = mustOk(clientSettings({ env: { LEDGEROCK_TOKEN: 't' }, flags: {}, cwd }))
    expect(settings.dataDir).toBe(path.join(cwd, 'd'))
    expect([settings.url, settings.token?.reveal()]).toEqual([null, 't'])
    const typed = {
      env: { LEDGEROCK_URL: 'http://a' },
      flags: { url: 'http://b', token: 'u' },
      cwd,
    }
    const both = mustOk(clientSettings(typed))
    expect([both.url, both.token?.reveal()]).toEqual(['http://b', 'u'])
    expect(clientSettings({ env: {}, flags: { url: 'ftp://x' }, cwd }).ok).toBe(false)
  })
})

describe('the documents', () => {
  it('[O1] the sample configuration is valid and says what the defaults say', () => {
    const sample = mustOk(
      loadConfig({
        path: path.join(REPOSITORY, 'ledgerock.yaml'),
        env: {},
        flags: {},
        cwd: folder,
      }),
    )
    const { path: _path, dataDir: _dataDir, ...rest } = sample
    const { path: _none, dataDir: _where, ...defaults } = must(null)
    expect(rest).toEqual(defaults)
  })

  it('[O9] docs/reference/configuration.md has every key with its default', () => {
    const page = readFileSync(path.join(REPOSITORY, 'docs/reference/configuration.md'), 'utf8')
    const rows = new Map(
      [...page.matchAll(/^\| `([^`]+)` \|.*$/gm)].map(([row, key = '']) => [key, row]),
    )
    const keys = leaves(configJsonSchema(), '')
    expect([...keys.keys()].filter((key) => !rows.has(key))).toEqual([])
    const wrong = [...keys].filter(([key, value]) => {
      return value !== undefined && rows.get(key)?.includes(`| \`${value}\` |`) !== true
    })
    expect(wrong).toEqual([])
  })

  it.each(['reference/configuration.md', ...GUIDES])(
    '[O1] the examples in %s are valid',
    (page) => {
      const text = readFileSync(path.join(REPOSITORY, 'docs', page), 'utf8')
      const examples = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml = '']) => yaml)
      expect(examples).not.toEqual([])
      for (const yaml of examples) {
        const result = validateText(yaml, page, {}, null)
        expect(result.ok ? [] : result.problem.map(faultText)).toEqual([])
      }
    },
  )

  it('[O10] every name in the file is snake_case', () => {
    const names = [...leaves(configJsonSchema(), '').keys()]
    expect(names.filter((name) => !/^[a-z0-9_.<>[\]]+$/.test(name))).toEqual([])
  })
})

type JsonSchema = {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly default?: unknown
}

/** Every key that holds a value, with its default as the documentation writes it. */
function leaves(schema: JsonSchema, at: string): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>()
  const below: [string, JsonSchema][] = Object.entries(schema.properties ?? {}).map(
    ([name, inner]) => [at === '' ? name : `${at}.${name}`, inner],
  )
  const { additionalProperties, items, anyOf } = schema
  if (typeof additionalProperties === 'object' && additionalProperties.properties !== undefined) {
    below.push([`${at}.<name>`, additionalProperties])
  }
  if (items?.properties !== undefined) below.push([`${at}[]`, items])
  const deeper = anyOf?.filter(isDeep) ?? []
  for (const shape of deeper) below.push([at, shape])
  const isValueToo = deeper.length > 0 && deeper.length < (anyOf?.length ?? 0)
  if (below.length === 0 || isValueToo) found.set(at, textOf(schema.default))
  for (const [path_, inner] of below) {
    for (const [key, value] of leaves(inner, path_)) found.set(key, value)
  }
  return found
}

function isDeep({ properties, items }: JsonSchema): boolean {
  return (properties ?? items?.properties) !== undefined
}

function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '')
}
