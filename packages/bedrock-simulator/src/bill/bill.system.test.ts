// Bills as others see them: read back by ClickHouse's own readers (chDB, in a process of its own) and unzipped by Python;
// and the bill of calls that real AWS clients made against a running simulator.

import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startSimulator, type Simulator } from '../simulator.ts'
import { bedrockClient, CREDENTIAL, userText } from '../testing/aws-clients.ts'
import { billedCalls } from './billed-call.ts'
import type { BillColumn } from './bill-row.ts'
import { deliverBill, type DeliveryOptions } from './deliver-bill.ts'
import { attoOfText, decimalText, sumOf } from './exact.ts'
import { saveBill } from './save-bill.ts'
import { simulateMonth } from './simulate-month.ts'
import { writeBill, type Bill } from './write-bill.ts'

const run = promisify(execFile)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bill-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function ask<Answer>(sql: string): Promise<readonly Answer[]> {
  const script = 'process.stdout.write(require("chdb").query(process.argv[1], "JSONEachRow"))'
  const { stdout } = await run(process.execPath, ['-e', script, sql], {
    cwd: import.meta.dirname,
    maxBuffer: 256 * 1_048_576,
  })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Answer => JSON.parse(line))
}

const COLUMNS: readonly BillColumn[] = [
  'identity_line_item_id',
  'line_item_usage_type',
  'line_item_iam_principal',
  'line_item_unblended_cost',
  'line_item_usage_start_date',
  'tags',
  'discount',
]

async function saved(bill: Bill, name: string, asked: Partial<DeliveryOptions>): Promise<string> {
  const paths = await saveBill(
    path.join(folder, name),
    deliverBill(bill, { rowsPerFile: 700, ...asked }),
  )
  const [first = ''] = paths
  return path.dirname(first)
}

describe('the bill, read by others', () => {
  const bill = writeBill(simulateMonth({ seed: 5, calls: 800 }))

  it('[S34] is Parquet with AWS’s types, every value as it was written', async () => {
    const data = await saved(bill, 'parquet', { format: 'parquet', surplusChunks: 1 })
    const types = await ask<{ name: string; type: string }>(
      `DESCRIBE file('${data}/*.parquet', Parquet)`,
    )
    const typeOf = (column: BillColumn): string | undefined =>
      types.find(({ name }) => name === column)?.type
    expect(typeOf('line_item_unblended_cost')).toBe('Nullable(Float64)')
    expect(typeOf('line_item_usage_type')).toBe('Nullable(String)')
    expect(typeOf('line_item_usage_start_date')).toMatch(/^Nullable\(DateTime64\(3/)
    expect(typeOf('tags')).toBe('Map(String, Nullable(String))')
    expect(typeOf('discount')).toBe('Map(String, Nullable(Float64))')
    const rows = await ask<Record<string, unknown>>(
      `SELECT ${COLUMNS.join(', ')}, toString(line_item_unblended_cost) AS cost,
        toUnixTimestamp(line_item_usage_start_date) AS start
        FROM file('${data}/*.parquet', Parquet)`,
    )
    expect(rows).toHaveLength(bill.rows.length)
    const byId = new Map(rows.map((row) => [row['identity_line_item_id'], row]))
    for (const row of bill.rows) {
      const discount = Object.entries(row.discount).map(([key, value]) => [key, Number(value)])
      expect(byId.get(row.identity_line_item_id)).toMatchObject({
        line_item_usage_type: row.line_item_usage_type === '' ? null : row.line_item_usage_type,
        line_item_iam_principal:
          row.line_item_iam_principal === '' ? null : row.line_item_iam_principal,
        line_item_unblended_cost: Number(row.line_item_unblended_cost),
        start: Date.parse(row.line_item_usage_start_date) / 1_000,
        tags: row.tags,
        discount: Object.fromEntries(discount),
      })
    }
  })

  it('[S34] is CSV, packed, plain or with exponents, maps as JSON', async () => {
    for (const numbers of ['plain', 'exponent'] as const) {
      const data = await saved(bill, `csv-${numbers}`, { format: 'csv.gz', numbers })
      const rows = await ask<{ id: string; cost: number; team: string }>(
        `SELECT identity_line_item_id AS id, toFloat64(line_item_unblended_cost) AS cost,
          JSONExtractString(tags, 'iamPrincipal/team') AS team
          FROM file('${data}/*.csv.gz', CSVWithNames)`,
      )
      expect(new Map(rows.map((row) => [row.id, row]))).toEqual(
        new Map(
          bill.rows.map((row) => [
            row.identity_line_item_id,
            {
              id: row.identity_line_item_id,
              cost: Number(row.line_item_unblended_cost),
              team: row.tags['iamPrincipal/team'] ?? '',
            },
          ]),
        ),
      )
    }
  })

  it('[S34] is a ZIP that others open', async (context) => {
    const script = [
      'import sys, zipfile, zlib',
      'archive = zipfile.ZipFile(sys.argv[1])',
      'assert archive.testzip() is None',
      'name, = archive.namelist()',
      'sys.stdout.write(name + "\\n" + archive.read(name).decode())',
    ].join('\n')
    const hasPython = await run('python3', ['-c', 'import zipfile']).then(
      () => true,
      () => false,
    )
    if (!hasPython) context.skip('no Python to unzip with')
    const data = await saved(bill, 'zip', { format: 'csv.zip', rowsPerFile: bill.rows.length })
    const file = `${data}/bedrock-cur-00001.csv.zip`
    const { stdout } = await run('python3', ['-c', script, file], { maxBuffer: 64 * 1_048_576 })
    const [name, ...lines] = stdout.trimEnd().split('\n')
    expect(name).toBe('bedrock-cur-00001.csv')
    expect(lines).toHaveLength(bill.rows.length + 1)
  })

  it('[S34] is a legacy report', async () => {
    const data = await saved(bill, 'legacy', { format: 'csv.gz', layout: 'legacy' })
    const [sum] = await ask<{ rows: string; teams: string }>(
      `SELECT count() AS rows, uniqExact(\`resourceTags/user:team\`) AS teams
        FROM file('${data}/*.csv.gz', CSVWithNames)`,
    )
    expect(Number(sum?.rows)).toBe(bill.rows.length)
    // Empty cells are no team.
    expect(Number(sum?.teams)).toBe(2)
  })
})

describe('the bill of served calls', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/ledgerock-bedrock'
  let simulator: Simulator
  const nowMs = Date.now()
  beforeAll(async () => {
    simulator = await startSimulator({ seed: 11, clock: { now: () => nowMs } })
  })
  afterAll(() => simulator.close())

  async function session(team: string): Promise<{
    accessKeyId: string
    secretAccessKey: string
    sessionToken: string
  }> {
    const sts = new STSClient({
      region: 'us-east-1',
      endpoint: `${simulator.url}/sts`,
      credentials: CREDENTIAL,
    })
    const { Credentials: given } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: ROLE,
        RoleSessionName: `lr-${team}`,
        Tags: [{ Key: 'team', Value: team }],
      }),
    )
    return {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    }
  }

  it('[S30] [S33] has every dollar of them, under the session and the tags they came with', async () => {
    const models = [
      'us.anthropic.claude-sonnet-4-6',
      'global.anthropic.claude-opus-4-6-v1',
      'amazon.nova-pro-v1:0',
      'openai.gpt-oss-120b-1:0',
    ]
    for (const team of ['search', 'support']) {
      const client = bedrockClient(simulator, 'h2c', { credentials: await session(team) })
      for (const [index, modelId] of models.entries()) {
        const messages = [{ ...userText(`${team} asks ${index}`), role: 'user' as const }]
        await client.send(new ConverseCommand({ modelId, messages }))
        const { stream } = await client.send(new ConverseStreamCommand({ modelId, messages }))
        for await (const event of stream ?? []) expect(event).toBeDefined()
      }
      client.destroy()
    }
    const served = simulator.calls()
    expect(served).toHaveLength(16)
    const period = new Date(nowMs).toISOString().slice(0, 7)
    const bill = writeBill({ period, calls: billedCalls(served) })
    const cost = sumOf(served.map(({ cost_usd }) => attoOfText(cost_usd ?? '')))
    const billed = sumOf(bill.rows.map((row) => attoOfText(row.line_item_unblended_cost)))
    expect(decimalText(billed)).toBe(decimalText(cost))
    for (const team of ['search', 'support']) {
      const principal = `arn:aws:sts::111122223333:assumed-role/ledgerock-bedrock/lr-${team}`
      const own = bill.rows.filter((row) => row.line_item_iam_principal === principal)
      expect(own.length).toBeGreaterThan(0)
      expect(new Set(own.map((row) => row.tags['iamPrincipal/team']))).toEqual(new Set([team]))
    }
    expect(bill.truth.every(({ determinable }) => determinable)).toBe(true)
    expect(bill.notes).toEqual({ outside: 0, unpriced: [] })
    // Another month's bill has none of it.
    expect(writeBill({ period: '2025-01', calls: billedCalls(served) }).rows).toEqual([])
  })
})
