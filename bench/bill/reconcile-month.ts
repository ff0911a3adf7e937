// The control process, as far as reconciliation goes: asks the ledger for both sides over its socket, page by page, and reconciles them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rememberedOwnerRules } from '../../packages/ledgerock/src/attribution/owner-rule.ts'
import { useOf } from '../../packages/ledgerock/src/control/month/month-inputs.ts'
import { createTextPool } from '../../packages/ledgerock/src/kernel/text-pool.ts'
import {
  createStatementService,
  periodBefore,
} from '../../packages/ledgerock/src/control/statements/statements.ts'
import { openControlStore } from '../../packages/ledgerock/src/control/store/control-store.ts'
import { statementWorld } from '../../packages/ledgerock/src/control/testing/statement-world.ts'
import { mustOk } from '../../packages/ledgerock/src/kernel/result.ts'
import { systemClock } from '../../packages/ledgerock/src/platform/clock.ts'
import { connectLedger } from '../../packages/ledgerock/src/processes/ledger/ledger-rpc.ts'
import type { BilledLine } from '../../packages/ledgerock/src/reconciliation/cell.ts'
import { PRECEDENCE, TAG_LAG_MS } from '../../packages/ledgerock/src/reconciliation/evidence.ts'
import { lineOfCell } from '../../packages/ledgerock/src/reconciliation/line-of-cell.ts'
import {
  reconcile,
  type Reconciliation,
} from '../../packages/ledgerock/src/reconciliation/reconcile.ts'
import { childArgument, tellParent } from '../child.ts'
import { peakMib } from './peak-memory.ts'
import { FROM_MS, isGateway, PERIOD, TEAMS, TO_MS } from './world.ts'

export type ReconcileRequest = { readonly socket: string }

export type Reconciled = {
  readonly cells: number
  readonly uses: number
  readonly cellsSeconds: number
  readonly usesSeconds: number
  readonly reconcileSeconds: number
  readonly principalsSeconds: number
  /** One team's, as PDF, with the month before (which is the same one) to compare with. */
  readonly statementSeconds: number
  readonly peakMib: number
  /** Of the bill's tokens: found in the ledger. */
  readonly meteredShare: number
  readonly isWhole: boolean
}

const PAGE = 50_000

type Page<Item> = { readonly items: readonly Item[]; readonly next_cursor: string | null }

async function all<Item, Made>(
  ask: (cursor: string | null) => Promise<Page<Item>>,
  make: (item: Item) => Made,
): Promise<readonly Made[]> {
  const made: Made[] = []
  let cursor: string | null = null
  do {
    const page: Page<Item> = await ask(cursor)
    for (const item of page.items) made.push(make(item))
    cursor = page.next_cursor
  } while (cursor !== null)
  return made
}

async function reconcileMonth({ socket }: ReconcileRequest): Promise<Reconciled> {
  const ledger = connectLedger(socket)
  const texts = createTextPool()
  const times = [performance.now()]
  const lines: readonly BilledLine[] = await all(
    (cursor) => ledger.billCells({ period: PERIOD, version: null, cursor, limit: PAGE }),
    (cell) => lineOfCell(cell, texts),
  )
  times.push(performance.now())
  const stretch = { fromMs: FROM_MS, toMs: TO_MS, limit: PAGE }
  const metered = await all(
    (cursor) => ledger.meteredUse({ ...stretch, cursor }),
    (row) => useOf(row, texts),
  )
  times.push(performance.now())
  const rules = rememberedOwnerRules(
    Array.from({ length: TEAMS }, (_, team) => ({
      match: { principal: `arn:aws:sts::*:assumed-role/team-${team}-*` },
      set: { team: `team-${team}` },
      from: null,
      to: null,
    })),
  )
  const reconciled = reconcile({
    period: PERIOD,
    cost: 'net',
    lines,
    metered,
    evidence: {
      ownerOf: rules.ownerOf,
      sessionOwner: () => null,
      isGateway,
      precedence: PRECEDENCE,
      tagDimensions: new Map([['team', 'team']]),
      tagLagMs: TAG_LAG_MS,
    },
    pools: [],
    defaultSplit: { kind: 'proportional' },
    group: 'team',
    billedUntilMs: null,
  })
  times.push(performance.now())
  await ledger.principalsSeen({ fromMs: FROM_MS, toMs: TO_MS })
  times.push(performance.now())
  await issueStatement(reconciled)
  times.push(performance.now())
  const seconds = (step: number): number => ((times[step] ?? 0) - (times[step - 1] ?? 0)) / 1_000
  const { allocated, apart, unattributed, bill } = reconciled
  return {
    cells: lines.length,
    uses: metered.length,
    cellsSeconds: seconds(1),
    usesSeconds: seconds(2),
    reconcileSeconds: seconds(3),
    principalsSeconds: seconds(4),
    statementSeconds: seconds(5),
    peakMib: peakMib(process.pid),
    meteredShare: Number((reconciled.meteredTokens * 10_000n) / reconciled.billTokens) / 10_000,
    isWhole: allocated + apart + unattributed === bill,
  }
}

async function issueStatement(reconciled: Reconciliation): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-statement-'))
  const store = await openControlStore(
    { clock: systemClock, onConnectionError: () => {} },
    { kind: 'embedded', path: join(folder, 'control.sqlite') },
  )
  try {
    const months = [reconciled, { ...reconciled, period: periodBefore(PERIOD) }]
    const { source } = statementWorld(months)
    const statements = createStatementService({ store, source })
    const made = mustOk(await statements.file(null, PERIOD, { team: 'team-1' }, 'pdf'))
    for await (const bytes of made.chunks) if (bytes.length === 0) throw new Error('no statement')
  } finally {
    await store.close()
    rmSync(folder, { recursive: true })
  }
}

tellParent(await reconcileMonth(childArgument() as ReconcileRequest))
