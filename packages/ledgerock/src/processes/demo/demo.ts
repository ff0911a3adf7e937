// `ledgerock demo`: a month of a company's Bedrock from call to PDF statement, and then the whole system with live traffic. Everything
// of the product is the real thing; only traffic, history and bill are made.

import { readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Config } from '../../config.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import type { Logger } from '../../platform/logging.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { adminTokenFile } from '../data-layout.ts'
import { deliverDemoBill, keepBooks } from './demo-books.ts'
import { demoConfig } from './demo-config.ts'
import {
  DEMO_CONFIG_FILE,
  lastMonth,
  markDemo,
  openDemoFolder,
  type DemoMark,
} from './demo-folder.ts'
import { writeHistory } from './demo-history.ts'
import { demoBill, demoMonth } from './demo-month.ts'
import { demoTraffic, type TrafficDeps } from './demo-traffic.ts'
import { openOffline } from '../control/offline.ts'
import type { Ready } from '../supervisor/supervisor.ts'
import { up, type UpOptions } from '../up.ts'

export type DemoOptions = Pick<
  UpOptions,
  'reload' | 'entry' | 'environment' | 'version' | 'logLevel' | 'say'
> & {
  /** Absolute. */
  readonly folder: string
  /** Where the person is, for paths to be typed. */
  readonly cwd: string
  /** Null: as it is there, else the default. */
  readonly seed: number | null
  /** Makes the month and ends. */
  readonly once: boolean
  /** The configuration of the folder, once it is written. */
  readonly load: () => Config
  readonly now: () => number
  /** From then on signals end the traffic. */
  readonly untilStopped: () => AbortSignal
}

/** Resolves to the exit code. @throws Fault `demo_folder` and what any step says */
export async function demo(logger: Logger, options: DemoOptions): Promise<number> {
  const { folder, seed, once, now } = options
  const mark = openDemoFolder(folder, seed, lastMonth(now()))
  if (mark.state === 'making') await makeMonth(logger, options, mark)
  options.say(whatToTry(options, mark))
  return once ? 0 : live(logger, options, mark)
}

async function makeMonth(logger: Logger, options: DemoOptions, mark: DemoMark): Promise<void> {
  const { folder, say, load, version, now } = options
  const { seed, period } = mark
  const startedAt = now()
  say(`Making ${period} of a company of four teams, from seed ${seed}, in ${folder} …`)
  const month = demoMonth(seed, period)
  writeFileAtomically(join(folder, DEMO_CONFIG_FILE), demoConfig(month.world), 0o644)
  const config = load()
  const metered = await writeHistory(config.dataDir, buildPriceBook([SNAPSHOT_LAYER]), month)
  const past = month.calls.length - metered
  say(`  history        ${metered} calls through the gateway, ${past} past it`)
  await deliverDemoBill(folder, demoBill(month), now())
  const api = await openOffline(logger, config, version)
  try {
    const teams = [...month.world.gatewaySessions.values()].map(({ team }) => team ?? '')
    const { statements } = await keepBooks(api, folder, period, teams, say)
    for (const { file } of statements) say(`  statement      ${shown(options, file)}`)
  } finally {
    await api.close()
  }
  markDemo(folder, { ...mark, state: 'made' })
  say(`Done in ${((now() - startedAt) / 1_000).toFixed(1)} s.`)
}

function shown({ cwd }: DemoOptions, file: string): string {
  const short = relative(cwd, file)
  return short.startsWith('..') ? file : short
}

function whatToTry(options: DemoOptions, { period }: DemoMark): string {
  const file = shown(options, join(options.folder, DEMO_CONFIG_FILE))
  const [year = 0, month = 1] = period.split('-').map(Number)
  const next = new Date(Date.UTC(year, month)).toISOString().slice(0, 10)
  const commands = [
    `report --from ${period}-01 --to ${next} --by team,application`,
    `reconcile --period ${period}`,
    `statement --period ${period} --owner team=search`,
    `statement --period ${period} --owner team=search --format pdf --out search.pdf`,
    `principals --from ${period}-01 --to ${next}`,
    'period list',
    'budgets list',
    'verify',
  ]
  return [
    '',
    `The books of ${period} are in ${shown(options, options.folder)}. Try:`,
    ...commands.map((command) => `  npx ledgerock --config ${file} ${command}`),
    '',
  ].join('\n')
}

async function live(logger: Logger, options: DemoOptions, { seed }: DemoMark): Promise<number> {
  const config = options.load()
  const stopped = options.untilStopped()
  // A token that is new comes with a link into the dashboard; the demo's own is nobody's but its.
  rmSync(adminTokenFile(config.dataDir), { force: true })
  let traffic: Promise<void> = Promise.resolve()
  const exitCode = await up(logger, {
    ...options,
    config,
    simulate: true,
    simulatorSeed: seed,
    announce: (ready) => {
      announce(options, ready)
      traffic = demoTraffic({
        gatewayUrl: ready.gatewayUrl,
        api: apiOf(config, ready),
        say: options.say,
        stopped,
      }).catch((error: unknown) => options.say(`The traffic ended: ${String(error)}`))
    },
  })
  await traffic
  return exitCode
}

function announce({ say }: DemoOptions, { gatewayUrl, controlUrl, loginLink }: Ready): void {
  say('Ledgerock is ready, and seven applications are calling a simulated Bedrock.')
  say(`  gateway   ${gatewayUrl}`)
  say(`  control   ${loginLink ?? controlUrl}`)
  say('One of them loops over a dear model; watch its budget stop it. Ctrl-C ends everything.')
}

function apiOf(config: Config, { controlUrl }: Ready): TrafficDeps['api'] {
  const token = readFileSync(adminTokenFile(config.dataDir), 'utf8').trim()
  return (path, body) =>
    fetch(`${controlUrl}/api/v1/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
}
