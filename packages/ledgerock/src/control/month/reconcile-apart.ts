// Reconciling without holding anybody up. A small month is worked out at once; a large one in a thread of its own, which is fed in pieces
// so small that requests are answered between them.

import { setImmediate as breathe } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { AssertionError } from '../../kernel/assert.ts'
import {
  reconcile,
  type ReconcileAsk,
  type Reconciliation,
} from '../../reconciliation/reconcile.ts'
import type { EvidenceFacts } from './month-evidence.ts'
import type { FromThread, ToThread } from './reconcile-messages.ts'

/** What `facts` say is what `ask.evidence` was compiled from. */
export type Reconciler = (ask: ReconcileAsk, facts: EvidenceFacts) => Promise<Reconciliation>

/** Some fifth of a second's work. */
const ROWS_AT_ONCE_MAX = 10_000
/** Copied in some hundredth of a second. */
const PIECE_ROWS = 2_000

export const reconcileApart: Reconciler = (ask, facts) =>
  ask.lines.length + ask.metered.length <= ROWS_AT_ONCE_MAX
    ? Promise.resolve(ask).then(reconcile)
    : reconcileInThread(ask, facts)

export async function reconcileInThread(
  { lines, metered, evidence: _compiled, ...terms }: ReconcileAsk,
  facts: EvidenceFacts,
): Promise<Reconciliation> {
  const worker = new Worker(new URL('./reconcile-thread.ts', import.meta.url))
  // A thread may fail between two messages too, when nobody waits for it: then the next message finds it gone.
  worker.on('error', () => {})
  try {
    for (const rows of piecesOf(lines)) await tell(worker, { kind: 'lines', rows })
    for (const rows of piecesOf(metered)) await tell(worker, { kind: 'metered', rows })
    const said = await tell(worker, { kind: 'reconcile', facts, terms })
    if (said.kind === 'done') return said.reconciliation
    const reason = said.kind === 'failed' ? said.reason : 'no answer'
    throw said.kind === 'failed' && said.isAssertion
      ? new AssertionError(reason)
      : new Error(reason)
  } finally {
    await worker.terminate()
  }
}

function* piecesOf<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += PIECE_ROWS) {
    yield rows.slice(from, from + PIECE_ROWS)
  }
}

/** One message, one answer: no more is under way than the thread can take. */
async function tell(worker: Worker, message: ToThread): Promise<FromThread> {
  const answered = new Promise<FromThread>((resolve, reject) => {
    const ended = (code: number): void => reject(new Error(`the thread ended with ${code}`))
    worker.once('error', reject)
    worker.once('exit', ended)
    worker.once('message', (said: FromThread) => {
      worker.off('error', reject)
      worker.off('exit', ended)
      resolve(said)
    })
  })
  worker.postMessage(message, [])
  const said = await answered
  await breathe()
  return said
}
