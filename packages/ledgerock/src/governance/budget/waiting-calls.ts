// Calls that wait for balance, in the order they came. Outcomes are told when the list is in order again, because whoever is told may at
// once reserve or settle something else.

import type { BudgetClaim, BudgetReservation, ReserveOutcome } from './budget-claim.ts'
import type { WalletAccount } from './wallet-account.ts'

export type WaitingCall = {
  /** Grows with every call. */
  readonly number: number
  readonly claims: readonly BudgetClaim[]
  /** One for each claim. */
  readonly accounts: readonly WalletAccount[]
  readonly answer: (outcome: ReserveOutcome) => void
  readonly untilMs: number
}

/** See `spent` of `ReserveOutcome`. */
export type Hopeless = { readonly claim: BudgetClaim; readonly left: bigint }

export class WaitingCalls {
  #calls: WaitingCall[] = []
  readonly #pressed = new Set<WalletAccount>()
  readonly #figures = { waited: 0, spent: 0, unavailable: 0 }

  add(
    claims: readonly BudgetClaim[],
    accounts: readonly WalletAccount[],
    answer: WaitingCall['answer'],
    untilMs: number,
  ): void {
    this.#figures.waited += 1
    const call = { number: this.#figures.waited, claims, accounts, answer, untilMs }
    this.#calls.push(call)
    this.#count(call, 1)
  }

  serve(hold: (call: WaitingCall) => BudgetReservation | null): void {
    this.#settle((call) => {
      const reservation = hold(call)
      return reservation === null ? null : { kind: 'held', reservation }
    })
  }

  refuse(spent: (call: WaitingCall) => Hopeless | null): void {
    this.#settle((call) => {
      const found = spent(call)
      return found === null ? null : { kind: 'spent', ...found }
    })
  }

  expire(nowMs: number): void {
    this.#settle((call) => {
      const claim = call.untilMs > nowMs ? undefined : lacking(call)
      return claim === undefined ? null : { kind: 'unavailable', claim }
    })
  }

  accounts(): Iterable<WalletAccount> {
    return this.#pressed
  }

  /** Number of the call that came last. */
  latest(): number {
    return this.#figures.waited
  }

  /** The smallest amount a waiting call claims of the account; 0: none does. */
  smallest(account: WalletAccount): bigint {
    let found: bigint | null = null
    for (const { accounts, claims } of this.#calls) {
      const claim = claims[accounts.indexOf(account)]
      if (claim?.hard === true && (found === null || claim.amount < found)) found = claim.amount
    }
    return found ?? 0n
  }

  /** Every call that waits for this account would ask for less of it. */
  mayShrink(account: WalletAccount): boolean {
    return this.#calls.every(({ accounts, claims }) => {
      const claim = claims[accounts.indexOf(account)]
      return claim === undefined || !claim.hard || claim.mayShrink === true
    })
  }

  /**
   * What a bare account keeps although it is idle: what serves a call that waits for another budget still, and everything until
   * control has answered an ask that said it is there; `spent` would be said of less else.
   */
  kept(account: WalletAccount): bigint {
    if (account.waiting === 0) return 0n
    const atHand = account.atHand()
    if (account.isAsked) return atHand
    if (atHand < this.smallest(account)) return 0n
    return atHand < account.wanted ? atHand : account.wanted
  }

  /** When the first patience ends, or something is to be asked again. */
  dueAtMs(): number {
    let dueAtMs = this.#calls[0]?.untilMs ?? Infinity
    for (const account of this.#pressed)
      if (account.lacks()) dueAtMs = Math.min(dueAtMs, account.askAgainAtMs)
    return dueAtMs
  }

  figures() {
    return { ...this.#figures, waiting: this.#calls.length }
  }

  #count(call: WaitingCall, by: 1 | -1): void {
    for (const [at, account] of call.accounts.entries()) {
      const claim = call.claims[at]
      if (claim === undefined || !claim.hard) continue
      account.waiting += by
      account.wanted += by === 1 ? claim.amount : -claim.amount
      if (account.waiting > 0) this.#pressed.add(account)
      else this.#pressed.delete(account)
    }
  }

  /** Ends the wait of every call that `decide` has an outcome for. */
  #settle(decide: (call: WaitingCall) => ReserveOutcome | null): void {
    if (this.#calls.length === 0) return
    const ended: { readonly call: WaitingCall; readonly outcome: ReserveOutcome }[] = []
    const rest: WaitingCall[] = []
    for (const call of this.#calls) {
      const outcome = decide(call)
      if (outcome === null) rest.push(call)
      else {
        this.#count(call, -1)
        ended.push({ call, outcome })
      }
    }
    this.#calls = rest
    for (const { call, outcome } of ended) {
      if (outcome.kind !== 'held') this.#figures[outcome.kind] += 1
      call.answer(outcome)
    }
  }
}

function lacking({ claims, accounts }: WaitingCall): BudgetClaim | undefined {
  return (
    claims.find(({ hard, amount }, at) => hard && amount > (accounts[at]?.atHand() ?? 0n)) ??
    claims[0]
  )
}

/** The claim that makes it hopeless, if the ask that was answered spoke for this call too. `spent`: what each could still be granted. */
export function hopeless(
  call: WaitingCall,
  spent: ReadonlyMap<WalletAccount, bigint>,
): Hopeless | null {
  for (const [at, account] of call.accounts.entries()) {
    const claim = call.claims[at]
    const grantable = spent.get(account)
    if (claim === undefined || !claim.hard || grantable === undefined) continue
    const atHand = account.atHand()
    if (call.number > account.askedForCall || claim.amount <= atHand) continue
    return { claim, left: atHand + grantable }
  }
  return null
}
