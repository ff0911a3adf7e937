// Journals and books of a game of leases: a call is in the books a while after its journal has it, or when somebody asks; a journal whose
// worker is gone is read by whoever comes after, and when the power went some of its lines are gone. And what may be wrong with them.

import type { Dice } from '../../governance/testing/simulated-budgets.ts'
import type { VirtualTime } from '../../governance/testing/virtual-time.ts'
import { formatUsd, parseUsd, picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import type { JournalEndState } from '../../ledger/budget-question.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { SpendEntry } from '../../ledger/testing/naive-budget.ts'
import type { LeaseTruth, TrueCall } from './lease-game-truth.ts'
import { createWorldLedger, entryOfCall } from './world-ledger.ts'

/** Mistakes that the checks must find: of the store, of the books, of a clock. */
export const GAME_PLANTS = [
  'loses what it committed',
  'forgets calls that were cut off',
  'hears the dead for ever',
  'counts no correction',
] as const
export type GamePlant = (typeof GAME_PLANTS)[number]

const SHIP_MS_MAX = 1_500

export class GameBooks {
  readonly ledger: Pick<Ledger, 'budgetSpend' | 'journalEnds' | 'shipNow'>
  readonly #dice: Dice
  readonly #time: VirtualTime
  readonly #truth: LeaseTruth
  readonly #plant: GamePlant | null
  readonly #entries: SpendEntry[] = []
  readonly #ends = new Map<string, JournalEndState>()
  readonly #unshipped = new Set<TrueCall>()
  readonly #versions = new Map<TrueCall, number>()

  constructor(dice: Dice, time: VirtualTime, truth: LeaseTruth, plant: GamePlant | null) {
    this.#dice = dice
    this.#time = time
    this.#truth = truth
    this.#plant = plant
    const endOf = (holder: string): JournalEndState => this.#ends.get(holder) ?? 'running'
    this.ledger = {
      ...createWorldLedger(() => this.#seen(), endOf),
      shipNow: async () => {
        for (const call of this.#unshipped) this.#book(call)
      },
    }
  }

  ship(call: TrueCall): void {
    this.#unshipped.add(call)
    this.#time.after(this.#dice.between(0, SHIP_MS_MAX), () => this.#book(call))
  }

  /** `cut`: calls that were under way. */
  ended(holder: string, cut: readonly TrueCall[], isUnsure: boolean): void {
    for (const call of cut) {
      if (isUnsure && this.#dice.happens(0.5)) continue
      if (this.#plant !== 'forgets calls that were cut off') this.#unshipped.add(call)
    }
    if (isUnsure) {
      for (const call of this.#unshipped)
        if (call.holder === holder && this.#dice.happens(0.2)) this.#unshipped.delete(call)
    }
    this.#time.after(this.#dice.between(200, 3_000), () => {
      for (const call of this.#unshipped) if (call.holder === holder) this.#book(call)
      this.#ends.set(holder, isUnsure ? 'unsure' : 'ended')
    })
  }

  /** Evidence is better, or prices are: another cost, and the charges with it. False: there is nothing to correct. */
  correct(): boolean {
    const call = this.#dice.pick([...this.#truth.calls].filter(({ isBooked }) => isBooked))
    if (call === undefined) return false
    const part = 2 * this.#dice.share()
    const version = this.#versions.get(call) ?? 1
    this.#entries.push(entryOfCall({ ...call, journalId: call.holder, version }, -1))
    const charges = call.charges.map((line) =>
      line.usd === null ? line : { ...line, usd: scaledUsd(line.usd, part) },
    )
    const usd = scaled(call.usd, part)
    this.#truth.changed(call, { usd, tokens: call.tokens, charges })
    this.#versions.set(call, version + 1)
    this.#entries.push(entryOfCall({ ...call, journalId: call.holder, version: version + 1 }))
    return true
  }

  #book(call: TrueCall): void {
    if (!this.#unshipped.delete(call)) return
    call.isBooked = true
    this.#entries.push(entryOfCall({ ...call, journalId: call.holder, version: 1 }))
  }

  #seen(): readonly SpendEntry[] {
    if (this.#plant !== 'counts no correction') return this.#entries
    return this.#entries.filter(({ record, sign }) => sign === 1 && record.version === 1)
  }
}

function scaled(amount: bigint, part: number): bigint {
  return BigInt(Math.round(Number(amount) * part))
}

function scaledUsd(usd: string, part: number): string {
  return formatUsd(picodollars(scaled(mustOk(parseUsd(usd)), part)))
}
