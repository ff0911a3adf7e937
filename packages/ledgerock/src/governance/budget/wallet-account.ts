// One lease as its holder keeps it: what was granted, settled, given back and is held by calls in flight. The totals are the words of
// `lease.ts`; what is at hand is the rest.

import type { BudgetClaim } from './budget-claim.ts'
import type { InstanceName, LeaseAnswer, LeaseAsk, LeaseGrant, LeaseWord } from './lease.ts'

/** What one call asks of it, without the call. */
export type AccountName = Omit<BudgetClaim, 'hard' | 'amount'>

/** Between two asks for the same lease, doubled from the first to the second as long as control has nothing to give. */
const ASK_PAUSE_MS = 10
const ASK_PAUSE_MS_MAX = 80
/** A minute, of which every report takes away a second. */
const RECENT_REPORTS = 60n

export class WalletAccount {
  readonly name: AccountName
  isHard = false
  granted = 0n
  returned = 0n
  settled = 0n
  reserved = 0n
  /** Charged in the last minute, about: every report forgets a sixtieth. */
  recent = 0n
  isBare = false
  /** Nothing is known yet of what this lease was before: nothing is said of it until control has answered. */
  isNew = true
  usedAtMs: number
  /** Calls that wait and what they claim together. */
  waiting = 0
  wanted = 0n
  /** The latest ask, the latest call it spoke for, and when the next one may be sent. */
  askId: number | null = null
  isAsked = false
  askedForCall = 0
  askAgainAtMs = 0
  #firstAskId: number | null = null
  #pauseMs = ASK_PAUSE_MS
  /** Grows with every change that control should hear of; what was last said, in which report, and what of it is written there. */
  #version = 0
  #saidVersion = -1
  #saidId = -1
  #heardVersion = -1
  /** As in the latest message. */
  saidSettled = 0n

  constructor(name: AccountName, nowMs: number) {
    this.name = name
    this.usedAtMs = nowMs
  }

  atHand(): bigint {
    return this.granted - this.returned - this.settled - this.reserved
  }

  lacks(): boolean {
    return this.waiting > 0 && this.wanted > this.atHand()
  }

  hold(amount: bigint, nowMs: number): void {
    this.reserved += amount
    this.usedAtMs = nowMs
    this.#version += 1
  }

  settle(amount: bigint, charge: bigint): void {
    this.reserved -= amount
    this.settled += charge
    this.recent += charge
    this.#version += 1
  }

  /** All but `kept` of what is at hand. */
  giveBack(kept: bigint): void {
    const idle = this.atHand() - kept
    if (idle <= 0n) return
    this.returned += idle
    this.#version += 1
  }

  setBare(isBare: boolean): void {
    if (this.isBare === isBare) return
    this.isBare = isBare
    this.#version += 1
  }

  /** `askId`: of the ask that is answered. False: it says nothing that counts. */
  take(grant: LeaseGrant, askId: number | null): boolean {
    const granted = BigInt(grant.granted)
    if (this.isNew) {
      // From before this account was opened: its totals may be older than what was then settled.
      if (askId === null || this.#firstAskId === null || askId < this.#firstAskId) return false
      this.isNew = false
      this.returned = BigInt(grant.returned)
      this.settled += BigInt(grant.settled)
    }
    if (granted < this.granted) return false
    // Only with something new: a recall that overtook this grant has been answered, and control believes it.
    if (grant.bare || granted > this.granted) this.setBare(grant.bare)
    this.granted = granted
    this.#version += 1
    return true
  }

  /** What to send, with the smallest claim of a waiting call (0: none waits); the answer is expected under `id`. */
  ask(id: number, smallest: bigint, forCall: number, nowMs: number): LeaseAsk {
    this.#firstAskId ??= id
    this.askId = id
    this.isAsked = true
    this.askedForCall = forCall
    this.askAgainAtMs = nowMs + this.#pauseMs
    this.#pauseMs = Math.min(ASK_PAUSE_MS_MAX, 2 * this.#pauseMs)
    const atHand = this.atHand()
    const lacks = (amount: bigint): string => (amount > atHand ? amount - atHand : 0n).toString()
    const isAhead = this.waiting === 0
    return {
      ...this.#said(),
      knows: this.granted.toString(),
      isNew: this.isNew,
      need: isAhead ? '0' : lacks(this.wanted),
      least: isAhead ? '0' : lacks(smallest),
      recent: this.recent.toString(),
    }
  }

  /** Control has answered the latest ask; where it could say for sure the next may follow soon, and at once where something came. */
  answered(answer: LeaseAnswer): void {
    this.isAsked = false
    if (answer === 'unavailable') return
    this.#pauseMs = ASK_PAUSE_MS
    if (answer === 'granted') this.askAgainAtMs = 0
  }

  /** For a report; null: control knows it all. */
  say(id: number): (LeaseWord & InstanceName) | null {
    if (this.isNew || this.isHeard()) return null
    if (this.#saidVersion !== this.#version) {
      this.#saidVersion = this.#version
      this.#saidId = id
    }
    return this.#said()
  }

  isHeard(): boolean {
    return this.#heardVersion === this.#version
  }

  /** Every report since `#saidId` had the same to say of this account. */
  heard(id: number): void {
    if (id >= this.#saidId && this.#saidId >= 0) this.#heardVersion = this.#saidVersion
  }

  #said(): LeaseWord & InstanceName {
    const { instance, budget, counter, fromMs } = this.name
    if (!this.isNew) this.saidSettled = this.settled
    return {
      instance,
      budget,
      counter,
      fromMs,
      settled: (this.isNew ? 0n : this.settled).toString(),
      returned: this.returned.toString(),
      reserved: this.reserved.toString(),
      bare: this.isBare,
    }
  }

  fade(): void {
    this.recent -= this.recent / RECENT_REPORTS
  }
}
