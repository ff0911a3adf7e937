// Amounts of a budget as the API writes them: `<name>_usd` a decimal, `<name>_tokens` a whole number; the one that is not the budget's
// unit is null, so that a reader never takes tokens for dollars.

import type { BudgetUnit } from '../../governance/budget/budget.ts'
import { formatUsd, parseUsd, picodollars } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'

export type WrittenAmount<Name extends string> = Readonly<
  Record<`${Name}_usd`, string | null> & Record<`${Name}_tokens`, number | null>
>

/** `amount` null: not known, or not the reader's to know. */
export function writtenAmount<Name extends string>(
  name: Name,
  unit: BudgetUnit,
  amount: bigint | null,
): WrittenAmount<Name> {
  const usd = unit === 'usd' && amount !== null ? formatUsd(picodollars(amount)) : null
  const tokens = unit === 'tokens' && amount !== null ? Number(amount) : null
  return { [`${name}_usd`]: usd, [`${name}_tokens`]: tokens } as WrittenAmount<Name>
}

/** A sum that more of something may be asked in: above zero. */
export function readAmount(
  unit: BudgetUnit,
  written: { readonly usd: string | null; readonly tokens: number | null },
): Result<bigint, { readonly path: string; readonly message: string }> {
  const path = unit === 'usd' ? 'amount_usd' : 'amount_tokens'
  const other = unit === 'usd' ? written.tokens : written.usd
  if (other !== null) {
    const message = `the budget is counted in ${unit === 'usd' ? 'dollars' : 'tokens'}: give ${path}`
    return err({ path: unit === 'usd' ? 'amount_tokens' : 'amount_usd', message })
  }
  const amount = unit === 'usd' ? dollars(written.usd) : wholeTokens(written.tokens)
  return amount === null || amount <= 0n
    ? err({ path, message: 'says how much more: above zero' })
    : ok(amount)
}

function dollars(text: string | null): bigint | null {
  const parsed = text === null ? null : parseUsd(text)
  return parsed?.ok === true ? parsed.value : null
}

function wholeTokens(tokens: number | null): bigint | null {
  return tokens !== null && Number.isSafeInteger(tokens) ? BigInt(tokens) : null
}
