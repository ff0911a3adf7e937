// A month's way from calls to statements, as finance would go it: the bill is delivered and imported, the month reconciled and closed,
// and each team's statement written as PDF. Every step asks the control API.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { deliverBill, saveBill, type Bill } from '@ledgerock/bedrock-simulator'
import type { ImportView } from '../../control/imports/import-view.ts'
import type { KeptReport } from '../../control/month/reconciliations.ts'
import { Fault } from '../../kernel/fault.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import type { OfflineApi } from '../control/offline.ts'

export const DEMO_IMPORT = 'cur'

export type MonthBooks = {
  readonly report: KeptReport
  /** Of each team, its PDF. */
  readonly statements: readonly { readonly team: string; readonly file: string }[]
}

const POLL_MS = 50
/** A day after the month: usage is complete, and invoices are written some days later. */
const DELIVERED_AFTER_MS = 6 * MS_PER_DAY

/** `bill/` below the folder, as AWS would leave it in a bucket. */
export async function deliverDemoBill(folder: string, bill: Bill, nowMs: number): Promise<void> {
  const deliveredAtMs = Math.min(bill.period.endMs + DELIVERED_AFTER_MS, nowMs)
  await saveBill(join(folder, 'bill'), deliverBill(bill, { format: 'parquet', deliveredAtMs }))
}

export async function keepBooks(
  { request }: Pick<OfflineApi, 'request'>,
  folder: string,
  period: string,
  teams: readonly string[],
  say: (line: string) => void,
): Promise<MonthBooks> {
  const post = (path: string, body: object = {}): Promise<Response> =>
    mustAnswer(request, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  let run = await jsonOf<ImportView>(await post(`imports/names/${DEMO_IMPORT}/run`))
  while (run.state === 'running') {
    await pause(POLL_MS)
    run = await jsonOf<ImportView>(await mustAnswer(request, `imports/${run.import_id}`))
  }
  if (run.report === null || run.state !== 'done') {
    throw new Fault('demo_import', `the bill was not imported: ${run.problem ?? run.state}`)
  }
  say(`  the bill       ${run.report.read} rows of CUR 2.0, USD ${run.report.usd}`)
  const report = await jsonOf<KeptReport>(await post(`periods/${period}/reconcile`))
  say(`  reconciled     ${causesOf(report)}`)
  await post(`periods/${period}/close`, { reason: 'demo' })
  say('  closed         its dollars are frozen under a hash')
  const statements = []
  mkdirSync(join(folder, 'statements'), { recursive: true })
  for (const team of teams) {
    const query = new URLSearchParams({ owner: `team=${team}`, format: 'pdf' })
    const answer = await mustAnswer(request, `periods/${period}/statements?${query.toString()}`)
    const file = join(folder, 'statements', `${team}-${period}.pdf`)
    writeFileAtomically(file, new Uint8Array(await answer.arrayBuffer()))
    statements.push({ team, file })
  }
  return { report, statements }
}

function causesOf({ variance, identity }: KeptReport): string {
  const causes = [...new Set(variance.map(({ cause }) => cause))]
  return `difference USD ${identity.difference_usd}; explained: ${causes.join(', ')}`
}

async function mustAnswer(
  request: OfflineApi['request'],
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const answer = await request(`/api/v1/${path}`, init)
  if (answer.ok) return answer
  throw new Fault('demo_step', `${path}: ${answer.status} ${await answer.text()}`)
}

async function jsonOf<Answer>(answer: Response): Promise<Answer> {
  return (await answer.json()) as Answer
}
