// A thread that reconciles one month: takes its rows in pieces, acknowledges each, and answers with the result or with why there is none.

import { parentPort } from 'node:worker_threads'
import { assert } from '../../kernel/assert.ts'
import { createTextPool } from '../../kernel/text-pool.ts'
import type { BilledLine, MeteredUse } from '../../reconciliation/cell.ts'
import { reconcile } from '../../reconciliation/reconcile.ts'
import { evidenceRulesOf } from './month-evidence.ts'
import type { FromThread, ToThread } from './reconcile-messages.ts'

const port = parentPort
assert(port, 'this runs as a thread')
const lines: BilledLine[] = []
const metered: MeteredUse[] = []
const { text, words } = createTextPool()

port.on('message', (message: ToThread) => port.postMessage(answer(message)))

function answer(message: ToThread): FromThread {
  switch (message.kind) {
    case 'lines':
      for (const line of message.rows) {
        lines.push({
          ...pooled(line),
          payerId: text(line.payerId ?? ''),
          usageType: text(line.usageType),
          tags: words(line.tags),
        })
      }
      return { kind: 'taken' }
    case 'metered':
      for (const use of message.rows) metered.push({ ...pooled(use), owner: words(use.owner) })
      return { kind: 'taken' }
    case 'reconcile':
      return reconciled(message)
  }
}

function reconciled({ facts, terms }: Extract<ToThread, { kind: 'reconcile' }>): FromThread {
  try {
    const evidence = evidenceRulesOf(facts, metered)
    return { kind: 'done', reconciliation: reconcile({ ...terms, lines, metered, evidence }) }
  } catch (error) {
    const isAssertion = error instanceof Error && error.name === 'AssertionError'
    return { kind: 'failed', isAssertion, reason: String(error) }
  }
}

function pooled<Row extends BilledLine | MeteredUse>(row: Row): Row {
  const { region, modelId, kind, principal, accountId } = row
  return {
    ...row,
    region: text(region),
    modelId: text(modelId),
    kind: text(kind),
    principal: text(principal),
    accountId: accountId === null ? null : text(accountId),
  }
}
