// Asks the store what was charged to budgets, and reads the answers: decimals become the budget's own whole numbers.

import { Fault } from '../../kernel/fault.ts'
import { parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type {
  BudgetChargeUnit,
  BudgetSpend,
  BudgetSpendQuestion,
  BudgetWindow,
  JournalCharge,
} from '../budget-question.ts'
import type { LedgerStore } from '../store.ts'
import { budgetSpendSql, journalChargesSql } from './budget-sql.ts'
import { dimensionsWithColumns } from './call-columns.ts'
import type { Database } from './database.ts'

/** Two passes over the calls for each; more of them go into statements of their own. */
const WINDOWS_AT_ONCE = 32
const JOURNALS_AT_ONCE = 500
/** Of what a decimal with twelve places is made of, so many make a token. */
const PARTS_OF_ONE = 1_000_000_000_000n

export function budgetReadsOver(
  database: Database,
  declared: readonly string[],
): Pick<LedgerStore, 'budgetSpend' | 'journalCharges'> {
  return {
    budgetSpend: (question) => readBudgetSpend(database, declared, question),
    journalCharges: (journalIds) => readJournalCharges(database, journalIds),
  }
}

type SpendRow = {
  readonly place: number
  readonly counter: string | null
  readonly other: string
  readonly charged_else: string
}

async function readBudgetSpend(
  database: Database,
  declared: readonly string[],
  { budgets, liveJournals }: BudgetSpendQuestion,
): Promise<readonly BudgetSpend[]> {
  const fields = new Set([...dimensionsWithColumns(declared), 'key_name', 'model'])
  for (const window of budgets) assertNames(window, fields)
  const spends: BudgetSpend[] = []
  for (const windows of inPieces(budgets, WINDOWS_AT_ONCE)) {
    const sql = budgetSpendSql(database.name, windows, liveJournals)
    const rows = await database.use('interactive', (session) => session.select<SpendRow>(sql))
    for (const { place, counter, other, charged_else } of rows) {
      const { id, unit } = windows[place] as BudgetWindow
      const [otherDigits, chargedElse] = [digits(other, unit), digits(charged_else, unit)]
      spends.push({ id, counter, other: otherDigits, chargedElse })
    }
  }
  return spends
}

type ChargeRow = {
  readonly journal_id: string
  readonly charge_name: string
  readonly charge_from: number
  readonly charge_unit: BudgetChargeUnit
  readonly counter: string | null
  readonly amount: string
}

async function readJournalCharges(
  database: Database,
  journalIds: readonly string[],
): Promise<ReadonlyMap<string, readonly JournalCharge[]>> {
  const charges = new Map<string, JournalCharge[]>()
  for (const ids of inPieces(journalIds, JOURNALS_AT_ONCE)) {
    const sql = journalChargesSql(database.name, ids)
    const rows = await database.use('interactive', (session) => session.select<ChargeRow>(sql))
    for (const row of rows) {
      const { journal_id, charge_name: budget, charge_from: fromMs, charge_unit: unit } = row
      const charge = {
        budget,
        fromMs,
        counter: row.counter,
        unit,
        amount: digits(row.amount, unit),
      }
      const known = charges.get(journal_id)
      if (known === undefined) charges.set(journal_id, [charge])
      else known.push(charge)
    }
  }
  return charges
}

function digits(amount: string, unit: BudgetChargeUnit): string {
  const parts: bigint = mustOk(parseUsd(amount))
  return (unit === 'usd' ? parts : parts / PARTS_OF_ONE).toString()
}

function assertNames({ id, scope, per }: BudgetWindow, fields: ReadonlySet<string>): void {
  const names = per === null ? Object.keys(scope) : [...Object.keys(scope), per]
  const strange = names.find((name) => !fields.has(name))
  if (strange === undefined) return
  throw new Fault('invalid_question', `${id}: ${JSON.stringify(strange)} is no dimension`)
}

function inPieces<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const pieces: (readonly Item[])[] = []
  for (let at = 0; at < items.length; at += size) pieces.push(items.slice(at, at + size))
  return pieces
}
