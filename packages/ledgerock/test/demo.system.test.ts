// `ledgerock demo` as somebody types it: a whole month from call to PDF statement, checked by the command line against the truth the
// simulator wrote beside its bill; and then the live part, until a signal ends it.

import { execFile, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Month, TruthPart } from '@ledgerock/bedrock-simulator'
import { parse } from 'csv-parse/sync'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RUNAWAY } from '../src/processes/demo/demo-config.ts'
import { demoBill, demoMonth } from '../src/processes/demo/demo-month.ts'
import { lastMonth } from '../src/processes/demo/demo-folder.ts'
import type { ReconciliationReport } from '../src/reconciliation/report.ts'
import type { Statement } from '../src/reconciliation/statement/statement.ts'
import { dollars } from '../src/reconciliation/statement/statement-words.ts'
import { bedrockLines } from '../src/reconciliation/testing/month-books.ts'
import { expectedOf, fineOf, isSame } from '../src/reconciliation/testing/month-truth.ts'
import { eventually, REPOSITORY } from './support/running-system.ts'

const COMMAND = join(REPOSITORY, 'packages/ledgerock/bin/ledgerock.js')
const SEED = 7
const PORTS = ['--gateway-port=0', '--control-port=0']

let root: string
let folder: string
let made: Finished
let report: ReconciliationReport
let statements: ReadonlyMap<string, Statement>
let verified: { readonly sound: boolean; readonly checked: { readonly calls: number } }
let live: Live

type Finished = { readonly code: number; readonly stdout: Buffer; readonly stderr: string }

function ledgerock(...words: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [COMMAND, ...words],
      {
        cwd: root,
        env: { PATH: process.env['PATH'], HOME: root },
        timeout: 100_000,
        maxBuffer: 64 * 2 ** 20,
        encoding: 'buffer',
      },
      (error, stdout, stderr) =>
        resolve({
          code: error === null ? 0 : Number(error.code),
          stdout,
          stderr: stderr.toString(),
        }),
    )
  })
}

type Live = {
  readonly said: () => string
  /** Sends the signal, the first time, and waits for the exit code. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

function startLive(): Live {
  const child = spawn(process.execPath, [COMMAND, 'demo', ...PORTS], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: root },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    said: () => said,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

/** Of the demo's folder, as its own words at the end say. */
async function asked(...words: readonly string[]): Promise<Finished> {
  const finished = await ledgerock('--config', join(folder, 'ledgerock.yaml'), ...words)
  expect([finished.code, finished.stderr]).toEqual([0, expect.any(String)])
  return finished
}

async function json<Answer>(...words: readonly string[]): Promise<Answer> {
  return JSON.parse((await asked(...words, '--format', 'json')).stdout.toString()) as Answer
}

// A month that ends between here and the command would be another one.
const period = lastMonth(Date.now())
const month: Month = demoMonth(SEED, period)
const bill = demoBill(month)
const teams = [...month.world.gatewaySessions.values()].map(({ team }) => team ?? '')

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'demo-'))
  folder = join(root, 'demo-data')
  made = await ledgerock('demo', '--once', `--seed=${SEED}`, ...PORTS)
  verified = await json('verify')
  // Commands that ask a server that runs need not open the books each for itself.
  live = startLive()
  await eventually(
    () => Promise.resolve(existsSync(join(folder, 'run.json')) || null),
    'the live demo',
  )
  report = await json<ReconciliationReport>('reconcile', '--period', period)
  const issued: [string, Statement][] = []
  for (const team of teams) issued.push([team, await json<Statement>(...statementOf(team))])
  statements = new Map(issued)
})
afterAll(async () => {
  await live.end('SIGKILL')
  rmSync(root, { recursive: true, maxRetries: 5 })
})

const statementOf = (team: string): readonly string[] => [
  'statement',
  `--period=${period}`,
  `--owner=team=${team}`,
]

const pico = (usd: string): bigint => fineOf(usd) / 10n ** 28n
const sum = (amounts: readonly string[]): bigint =>
  amounts.reduce((all, usd) => all + pico(usd), 0n)

describe('the demo’s month', () => {
  it('[Z28][U70] is made by one command, which says where everything is and ends', () => {
    expect(made.stderr).toContain(period)
    expect(made.code).toBe(0)
    expect(made.stdout.toString()).toBe('')
    expect(existsSync(join(folder, 'bill'))).toBe(true)
    const files = readdirSync(join(folder, 'statements')).toSorted()
    expect(files).toEqual(teams.map((team) => `${team}-${period}.pdf`).toSorted())
  })

  it('[Z28] is a journal, a ledger and a bill like any: the books are sound', () => {
    const metered = month.calls.filter(({ meteredUsage }) => meteredUsage !== null)
    expect(verified).toMatchObject({
      sound: true,
      findings: [],
      checked: { calls: metered.length },
    })
  })

  it('[Z29] is reconciled: the identity holds, nothing is unexplained, the rest is named', () => {
    const { total } = expectedOf(bill, bedrockLines(bill))
    expect(isSame(total, pico(report.bill_usd))).toBe(true)
    expect(report.identity.difference_usd).toBe('0')
    expect(report.unexplained_usd).toBe('0')
    const causes = new Set(report.variance.map(({ cause }) => cause))
    for (const cause of ['unmetered', 'discount', 'tax', 'credit', 'price', 'estimate']) {
      expect(causes).toContain(cause)
    }
    expect(report.coverage).toMatchObject(tokensByTruth())
  })

  it('[Z29] gives every dollar of a gateway session to the team whose session it was', () => {
    const wanted = new Map<string, bigint>()
    for (const { thing, parts } of bill.truth) {
      if (thing !== 'usage') continue
      for (const { owner, netUsd, evidence } of parts) {
        if (evidence[0]?.rule !== 'gateway_session') continue
        const team = owner?.['team'] ?? ''
        wanted.set(team, (wanted.get(team) ?? 0n) + fineOf(netUsd))
      }
    }
    expect([...wanted.keys()].toSorted()).toEqual(teams.toSorted())
    for (const [team, usd] of wanted) {
      const given = report.allocation.filter(
        ({ owner, basis, reason }) =>
          owner['team'] === team && basis !== 'shared' && reason === 'gateway_session',
      )
      const isAll = isSame(usd, sum(given.map(({ amount_usd: own }) => own)))
      expect([team, isAll]).toEqual([team, true])
    }
  })

  it('[Z29] every dollar that anything tells is at its true team, application and model', () => {
    const { owned, estimatedModels } = expectedOf(bill, bedrockLines(bill))
    const wanted = new Map<string, bigint>()
    const found = new Map<string, bigint>()
    for (const [key, usd] of owned) {
      const [owner = '', model = ''] = key.split('|')
      const { team = '', application = 'unknown' } = Object.fromEntries(
        JSON.parse(owner) as readonly (readonly [string, string])[],
      )
      const name = `${team} ${application} ${model}`
      wanted.set(name, (wanted.get(name) ?? 0n) + usd)
    }
    for (const [team, { lines }] of statements) {
      for (const { application, model_id: model, billed_usd: usd } of lines) {
        if (estimatedModels.has(model)) continue
        const name = `${team} ${application} ${model}`
        found.set(name, (found.get(name) ?? 0n) + pico(usd))
      }
    }
    const names = [...new Set([...wanted.keys(), ...found.keys()])]
    const apart = names.filter((name) => !isSame(wanted.get(name) ?? 0n, found.get(name) ?? 0n))
    expect(apart).toEqual([])
    expect(wanted.size).toBeGreaterThan(30)
  })

  it('[Z29] is closed, and the statements of all add up to the bill', async () => {
    const whole = await json<Statement>('statement', '--period', period)
    expect(whole.state).toBe('final')
    const totals: string[] = []
    for (const [team, issued] of statements) {
      expect(issued).toMatchObject({ state: 'final', owner: { team } })
      totals.push(issued.total_usd)
      const rows = parse((await asked(...statementOf(team), '--format', 'csv')).stdout, {
        columns: true,
      }) as readonly { readonly billed_usd: string }[]
      expect(sum(rows.map(({ billed_usd: usd }) => usd))).toBe(pico(issued.total_usd))
      const pdf = await asked(...statementOf(team), '--format', 'pdf')
      const kept = readFileSync(join(folder, 'statements', `${team}-${period}.pdf`))
      expect(pdf.stdout.equals(kept)).toBe(true)
      const text = await textOf(kept)
      expect(text).toContain(`Team ${team}`)
      expect(text).toContain(`USD ${dollars(issued.total_usd)}`)
      expect(text).toContain(issued.sha256)
    }
    const nobodys = (whole.unattributed ?? []).map(({ amount_usd: usd }) => usd)
    expect(sum([...totals, ...nobodys])).toBe(pico(report.bill_usd))
    expect(pico(whole.total_usd)).toBe(pico(report.bill_usd))
  })

  it('[U70] is the same month from the same seed, and every command it names works', async () => {
    const before = made.stderr.split('\n')
    const commands = before.flatMap((line) => /^ {2}npx ledgerock (.*)$/.exec(line)?.[1] ?? [])
    expect(commands.length).toBeGreaterThan(5)
    for (const command of commands) {
      const { code, stdout } = await ledgerock(...command.split(' '))
      expect([command, code]).toEqual([command, 0])
      if (!command.includes('--out')) expect(stdout.length).toBeGreaterThan(100)
    }
    const again = join(root, 'again')
    const second = await ledgerock('demo', '--once', `--seed=${SEED}`, '--data', again)
    const figures = (text: string): readonly string[] =>
      text.split('\n').filter((line) => /^ {2}(history|the bill|reconciled) /.test(line))
    expect(figures(made.stderr)).toHaveLength(3)
    expect(figures(second.stderr)).toEqual(figures(made.stderr))
  })

  it('[U71] is kept where it is there, and a folder that is no demo’s is refused untouched', async () => {
    const again = await ledgerock('demo', '--once')
    expect(again.code).toBe(0)
    expect(again.stderr).not.toContain('Making')
    const other = await ledgerock('demo', '--once', '--seed=8')
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('seed 7')])
    const foreign = join(root, 'foreign')
    mkdirSync(foreign)
    writeFileSync(join(foreign, 'letter.txt'), 'mine')
    const refused = await ledgerock('demo', '--once', '--data', foreign)
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('no demo')])
    expect(readdirSync(foreign)).toEqual(['letter.txt'])
    const configured = await ledgerock('demo', '--once', '--config', 'x.yaml')
    expect(configured.code).toBe(2)
  })
})

describe('the live demo', () => {
  it('[Z30] serves traffic of all applications, stops the runaway, and ends with a signal and 0', async () => {
    await eventually(
      () => Promise.resolve(live.said().includes('Budget nightly-eval') || null),
      'the runaway’s refusal',
      90_000,
    )
    expect(live.said()).toMatch(/control +http:\S+\/#code=/)
    const rows = await eventually(async () => {
      const { rows: all } = await json<{ readonly rows: readonly Spent[] }>(
        'report',
        '--from=-1d',
        '--by=application,workflow_id',
      )
      const applications = new Set(all.map(({ application }) => application))
      const isRefused = all.some(({ refused_calls: refused }) => refused > 0)
      return applications.size >= 7 && isRefused ? all : null
    }, 'calls of seven applications in the ledger')
    const refused = rows.filter(({ refused_calls: calls }) => calls > 0)
    expect(refused).toMatchObject([{ application: 'evaluation', workflow_id: RUNAWAY.workflow }])
    const spent = sum(refused.map(({ cost_usd: usd }) => usd))
    expect(spent).toBeLessThanOrEqual(pico(RUNAWAY.limitUsd))
    expect(spent).toBeGreaterThan(pico(RUNAWAY.limitUsd) / 2n)
    expect([await live.end('SIGTERM'), live.said()]).toEqual([0, expect.any(String)])
    expect(await json('verify')).toMatchObject({ sound: true, findings: [] })
  })
})

type Spent = {
  readonly application: string
  readonly workflow_id: string
  readonly refused_calls: number
  readonly cost_usd: string
}

/** What the bill counts in tokens, and what of it the ledger has. */
function tokensByTruth(): { readonly bill_tokens: number; readonly metered_tokens: number } {
  const lines = new Set(bedrockLines(bill).map(({ place }) => place))
  const counted = bill.truth.filter(({ line, thing, kind, modelId }) => {
    const isToken = /^(input|output|cache_)/.test(kind ?? '')
    // What is on no list is in nobody's tokens either, but in every dollar.
    const isListed = !(modelId ?? '').includes('unlisted')
    return lines.has(line) && thing === 'usage' && isToken && isListed
  })
  const tokens = counted.flatMap(({ parts }: { parts: readonly TruthPart[] }) =>
    parts.map(({ quantity }) => Number(quantity)),
  )
  const metered = month.calls.flatMap(({ meteredUsage: usage }) =>
    usage === null
      ? []
      : [usage.input, usage.output, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h],
  )
  const sumOf = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0)
  return { bill_tokens: sumOf(tokens), metered_tokens: sumOf(metered) }
}

async function textOf(bytes: Uint8Array): Promise<string> {
  const opened = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise
  const texts: string[] = []
  for (let number = 1; number <= opened.numPages; number += 1) {
    const { items } = await (await opened.getPage(number)).getTextContent()
    texts.push(...items.map((item) => ('str' in item ? item.str : '')))
  }
  return texts.join(' ')
}
