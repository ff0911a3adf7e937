// A worker's side of budgets: what it may still spend of each without asking, and what it has spent. Pure but for its own figures: the
// clock, the messages' way and the waiting are handed in.
//
// A call holds its bound in all its budgets or in none. What is not at hand is asked of control while the call waits; whoever fits first
// goes first, so that a large call never keeps a small one waiting. A call is refused as `spent` only on control's word that it asked for
// after the call came, and as `unavailable` when its patience is over. An account is forgotten an hour after its last use, when control
// has written down all that was said of it; whoever needs it again goes on from there.

import type { FromWallet, LeaseGrant, ToWallet } from './lease.ts'
import { WalletAccount, type AccountName } from './wallet-account.ts'
import { hopeless, WaitingCalls } from './waiting-calls.ts'
import { balancesOf, type WalletFigures } from './wallet-figures.ts'
import type { BudgetClaim, BudgetReservation, ReserveOutcome } from './budget-claim.ts'

export type WalletDeps = {
  /** The journal whose calls it pays for. */
  readonly holder: string
  readonly send: (message: FromWallet) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Calls back after so many milliseconds; answers how to stop that. */
  readonly after: (ms: number, run: () => void) => () => void
  /** How long a call waits for control; 250 ms. */
  readonly patienceMs: number
  /** Idle for so long, a balance goes back; and an account is forgotten. A minute and an hour. */
  readonly idleMs?: number
  readonly forgottenMs?: number
}

/** In the budget's unit. */
export type BudgetStanding = { readonly limit: bigint; readonly spent: bigint }

export type BudgetWallet = {
  /** In all budgets or in none. Where the balance is at hand `answer` is called before this returns. The answer to ignore: none. */
  readonly reserve: (
    claims: readonly BudgetClaim[],
    answer: (outcome: ReserveOutcome) => void,
  ) => void
  /** The same claims again, for another attempt, only from what is at hand; null: not enough. */
  readonly reserveAgain: (claims: readonly BudgetClaim[]) => BudgetReservation | null
  /** What the attempt was charged, one amount for each claim, whatever was reserved. */
  readonly settle: (reservation: BudgetReservation, charges: readonly bigint[]) => void
  readonly release: (reservation: BudgetReservation) => void
  readonly taken: (message: ToWallet) => void
  /** Once a second: says what changed, gives back what nobody used for a minute. */
  readonly report: () => void
  /** Hard budgets in use whose period ends at or before this instant of the worker's clock; for `expect`. */
  readonly endingBy: (atMs: number) => readonly AccountName[]
  /** Asks for a lease of the instance that comes after `after`, ahead of need. Once is enough. */
  readonly expect: (next: AccountName, after: string) => void
  /** The worker ends: everything idle goes back. */
  readonly close: () => void
  /** As control last said, with what was settled here since; null: never heard of. */
  readonly state: (instance: string) => BudgetStanding | null
  /** For metrics. */
  readonly figures: () => WalletFigures
}

const IDLE_MS = 60_000
const FORGOTTEN_MS = 3_600_000
/** So often in that time accounts are looked through for those to forget. */
const LOOKS = 60
/** How long a bare wallet collects what it gives back into one message. */
const COLLECT_MS = 5
const STATES_MAX = 50_000

export function createBudgetWallet(deps: WalletDeps): BudgetWallet {
  return new Wallet(deps)
}

class Wallet implements BudgetWallet {
  readonly #deps: WalletDeps
  readonly #idleMs: number
  readonly #forgottenMs: number
  readonly #accounts = new Map<string, WalletAccount>()
  /** Used in the last minute, or not all is written at control. */
  readonly #active = new Set<WalletAccount>()
  /** Of which nothing is known yet. */
  readonly #fresh = new Set<WalletAccount>()
  readonly #states = new Map<string, { limit: bigint; spent: bigint; settled: bigint }>()
  readonly #waiting = new WaitingCalls()
  #messages = 0
  #forgetAtMs = 0
  #wakeAtMs = 0
  #stopWake: (() => void) | null = null
  #sayAtMs: number | null = null
  #isClosed = false

  constructor(deps: WalletDeps) {
    this.#deps = deps
    this.#idleMs = deps.idleMs ?? IDLE_MS
    this.#forgottenMs = deps.forgottenMs ?? FORGOTTEN_MS
  }

  readonly reserve: BudgetWallet['reserve'] = (claims, answer) => {
    const accounts = claims.map((claim) => this.#accountOf(claim))
    if (fits(claims, accounts)) {
      answer({ kind: 'held', reservation: this.#hold(claims, accounts) })
      return
    }
    this.#waiting.add(claims, accounts, answer, this.#deps.now() + this.#deps.patienceMs)
    this.#ask()
    this.#sleep()
  }

  readonly reserveAgain: BudgetWallet['reserveAgain'] = (claims) => {
    const accounts = claims.map((claim) => this.#accountOf(claim))
    return fits(claims, accounts) ? this.#hold(claims, accounts) : null
  }

  readonly settle: BudgetWallet['settle'] = (reservation, charges) => {
    this.#end(reservation, charges)
  }

  readonly release: BudgetWallet['release'] = (reservation) => {
    this.#end(reservation, null)
  }

  readonly taken: BudgetWallet['taken'] = (message) => {
    switch (message.kind) {
      case 'budget-grant':
        this.#granted(message.grants, message.id)
        break
      case 'budget-recall':
        this.#recalled(message.grants)
        break
      case 'budget-heard':
        for (const account of this.#active) account.heard(message.id)
        break
      case 'budget-states':
        for (const { instance, limit, spent } of message.states) {
          const settled = this.#accounts.get(instance)?.saidSettled ?? 0n
          this.#states.delete(instance)
          this.#states.set(instance, { limit: BigInt(limit), spent: BigInt(spent), settled })
        }
        for (const instance of this.#states.keys()) {
          if (this.#states.size <= STATES_MAX) break
          this.#states.delete(instance)
        }
    }
  }

  readonly report: BudgetWallet['report'] = () => {
    const now = this.#deps.now()
    for (const account of this.#active) {
      account.fade()
      if (now - account.usedAtMs < this.#idleMs || account.waiting > 0) continue
      account.giveBack(0n)
      if (!account.isHeard() || account.isNew || account.reserved > 0n) continue
      account.recent = 0n
      this.#active.delete(account)
    }
    if (now >= this.#forgetAtMs) this.#forget(now)
    this.#say([])
    this.#ask()
    this.#sleep()
  }

  readonly endingBy: BudgetWallet['endingBy'] = (atMs) => {
    const found: AccountName[] = []
    for (const { isHard, name } of this.#active)
      if (isHard && name.toMs !== null && name.toMs <= atMs) found.push(name)
    return found
  }

  readonly expect: BudgetWallet['expect'] = (next, after) => {
    if (this.#accounts.has(next.instance)) return
    const account = this.#opened(next)
    account.isHard = true
    account.recent = this.#accounts.get(after)?.recent ?? 0n
    // Its period begins within the next minute.
    account.usedAtMs += this.#idleMs
    this.#ask()
  }

  readonly close: BudgetWallet['close'] = () => {
    this.#isClosed = true
    for (const account of this.#active) account.setBare(true)
    this.#say([])
  }

  readonly state: BudgetWallet['state'] = (instance) => {
    const state = this.#states.get(instance)
    if (state === undefined) return null
    const settled = this.#accounts.get(instance)?.settled ?? state.settled
    return { limit: state.limit, spent: state.spent + settled - state.settled }
  }

  readonly figures: BudgetWallet['figures'] = () => ({
    accounts: this.#accounts.size,
    balances: balancesOf(this.#accounts.values()),
    ...this.#waiting.figures(),
  })

  #accountOf(claim: BudgetClaim): WalletAccount {
    const account = this.#accounts.get(claim.instance) ?? this.#opened(claim)
    account.isHard = claim.hard
    return account
  }

  #opened({ instance, budget, counter, fromMs, toMs }: AccountName): WalletAccount {
    const name = { instance, budget, counter, fromMs, toMs }
    const account = new WalletAccount(name, this.#deps.now())
    this.#accounts.set(instance, account)
    this.#active.add(account)
    this.#fresh.add(account)
    return account
  }

  #hold(claims: readonly BudgetClaim[], accounts: readonly WalletAccount[]): BudgetReservation {
    const now = this.#deps.now()
    for (let at = 0; at < claims.length; at += 1) {
      const account = accounts[at]
      const claim = claims[at]
      if (account === undefined || claim === undefined) continue
      account.hold(claim.amount, now)
      this.#active.add(account)
    }
    return new Held(claims, accounts)
  }

  #end(reservation: BudgetReservation, charges: readonly bigint[] | null): void {
    if (!(reservation instanceof Held) || reservation.isEnded)
      throw new Error('a reservation ends once')
    reservation.isEnded = true
    const { accounts, claims } = reservation
    let mayServe = false
    for (let at = 0; at < claims.length; at += 1) {
      const account = accounts[at]
      const claim = claims[at]
      if (account === undefined || claim === undefined) continue
      account.settle(claim.amount, charges?.[at] ?? 0n)
      this.#active.add(account)
      mayServe ||= account.waiting > 0
      if (this.#isClosed) account.setBare(true)
      if (account.isBare) this.#sayAtMs ??= this.#deps.now() + COLLECT_MS
    }
    if (mayServe) this.#serve()
    if (this.#sayAtMs !== null) this.#sleep()
  }

  #granted(grants: readonly LeaseGrant[], id: number | null): void {
    const now = this.#deps.now()
    const spent = new Map<WalletAccount, bigint>()
    for (const grant of grants) {
      const account = this.#accounts.get(grant.instance)
      if (account === undefined || !account.take(grant, id)) continue
      this.#active.add(account)
      this.#fresh.delete(account)
      if (account.isBare) this.#sayAtMs ??= now + COLLECT_MS
      if (id === null || id !== account.askId || grant.answer === null) continue
      account.answered(grant.answer)
      if (grant.answer === 'spent') spent.set(account, BigInt(grant.left ?? '0'))
    }
    this.#serve()
    if (spent.size > 0) this.#waiting.refuse((call) => hopeless(call, spent))
    this.#ask()
    this.#sleep()
  }

  #recalled(grants: readonly LeaseGrant[]): void {
    const strays: LeaseGrant[] = []
    for (const grant of grants) {
      const account = this.#accounts.get(grant.instance)
      if (account === undefined) strays.push(grant)
      else if (account.take(grant, null)) this.#active.add(account)
    }
    this.#serve()
    this.#say(strays)
  }

  #serve(): void {
    this.#waiting.serve((call) =>
      fits(call.claims, call.accounts) ? this.#hold(call.claims, call.accounts) : null,
    )
  }

  /** For every account that lacks something, and every one nothing is known of yet. */
  #ask(): void {
    const now = this.#deps.now()
    const short: WalletAccount[] = []
    for (const account of this.#waiting.accounts())
      if (account.lacks() && account.askAgainAtMs <= now) short.push(account)
    for (const account of this.#fresh)
      if (account.waiting === 0 && account.askAgainAtMs <= now) short.push(account)
    if (short.length === 0) return
    this.#messages += 1
    const id = this.#messages
    const asks = short.map((account) => ({
      ...account.ask(id, this.#waiting.smallest(account), this.#waiting.latest(), now),
      mayShrink: this.#waiting.mayShrink(account),
    }))
    this.#deps.send({ kind: 'budget-ask', holder: this.#deps.holder, id, asks })
  }

  /** Also gives back what bare accounts have idle. `strays`: of leases that are forgotten here: what is left of them is idle. */
  #say(strays: readonly LeaseGrant[]): void {
    this.#sayAtMs = null
    this.#messages += 1
    const id = this.#messages
    const leases = []
    for (const account of this.#active) {
      if (account.isBare && !account.isNew) account.giveBack(this.#waiting.kept(account))
      const word = account.say(id)
      if (word !== null) leases.push(word)
    }
    for (const { instance, granted, settled } of strays) {
      const returned = (BigInt(granted) - BigInt(settled)).toString()
      const name = { instance, budget: '', counter: null, fromMs: 0 }
      leases.push({ ...name, settled, returned, reserved: '0', bare: true })
    }
    this.#deps.send({ kind: 'budget-report', holder: this.#deps.holder, id, leases })
  }

  /** Until the next thing is due: a call's patience, an ask, something to give back. */
  #sleep(): void {
    const dueAtMs = Math.min(this.#sayAtMs ?? Infinity, this.#waiting.dueAtMs())
    if (dueAtMs === Infinity || (this.#stopWake !== null && this.#wakeAtMs <= dueAtMs)) return
    this.#stopWake?.()
    this.#wakeAtMs = dueAtMs
    this.#stopWake = this.#deps.after(Math.max(0, dueAtMs - this.#deps.now()), this.#wake)
  }

  readonly #wake = (): void => {
    this.#stopWake = null
    const now = this.#deps.now()
    this.#waiting.expire(now)
    if (this.#sayAtMs !== null && this.#sayAtMs <= now) this.#say([])
    this.#ask()
    this.#sleep()
  }

  #forget(now: number): void {
    this.#forgetAtMs = now + this.#forgottenMs / LOOKS
    for (const [instance, account] of this.#accounts) {
      if (now - account.usedAtMs < this.#forgottenMs || this.#active.has(account)) continue
      this.#accounts.delete(instance)
      this.#states.delete(instance)
    }
  }
}

class Held implements BudgetReservation {
  readonly claims: readonly BudgetClaim[]
  /** One for each claim. */
  readonly accounts: readonly WalletAccount[]
  isEnded = false

  constructor(claims: readonly BudgetClaim[], accounts: readonly WalletAccount[]) {
    this.claims = claims
    this.accounts = accounts
  }
}

function fits(claims: readonly BudgetClaim[], accounts: readonly WalletAccount[]): boolean {
  for (let at = 0; at < claims.length; at += 1) {
    const claim = claims[at]
    const account = accounts[at]
    if (claim?.hard === true && account !== undefined && claim.amount > account.atHand())
      return false
  }
  return true
}
