// How fast and how many at once: requests per minute, tokens per minute, calls at a time, each for a scope and, where a rule says
// `per`, for every value of a dimension by itself. A worker holds a share of every limit, which is changed as demand moves
// between workers (`limit-shares.ts`); all that happens on a call's way is arithmetic on its own buckets.
//
// A call takes a place in every limit that covers it, or in none. Its tokens are known when it ends: what it probably reads is
// taken at the start, the difference at the end, so that a bucket can be in debt and lets nothing through until that is paid.

import { isDeepStrictEqual } from 'node:util'
import { UNKNOWN } from '@ledgerock/contract'
import type { LimitDemand, LimitShare, LimitShares } from './limit-shares.ts'
import { compileScope, type Covers, type Governed, type RuleScope } from '../rule-scope.ts'
import { createBucket, fill, isFull, take, waitMs, type TokenBucket } from './token-bucket.ts'

export type LimitRule = {
  readonly name: string
  readonly scope: RuleScope
  /** A dimension whose every value has the limit for itself, or null. */
  readonly per: string | null
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  readonly concurrentCalls: number | null
  /** Refuses nothing, reports what it would have refused. */
  readonly shadow: boolean
}

export type LimitRefusal = {
  readonly rule: string
  readonly code: 'rate_limit' | 'concurrency'
  readonly message: string
  /** Whole seconds, at least one; what to wait before the limit has room. */
  readonly retryAfterS: number
}

/** A call's places; given back once with `end`. */
export type LimitPlaces = {
  readonly counters: readonly Counter[]
  readonly tokensTaken: number
}

export type LimitAnswer = {
  readonly places: LimitPlaces | null
  readonly refusal: LimitRefusal | null
  /** Of shadow rules: what they would have refused. */
  readonly shadow: LimitRefusal | null
}

export type RateLimits = {
  readonly admit: (call: Governed, inputTokens: number, nowMs: number) => LimitAnswer
  /** The call is over and had so many tokens; null: it never went upstream, so nothing of it counts but the request. */
  readonly end: (places: LimitPlaces, tokens: number | null, nowMs: number) => void
  /** Of the rules that are named; the others keep theirs. */
  readonly setShares: (shares: LimitShares, nowMs: number) => void
  /** What was asked of each rule since the last time, refused or not, and how many of its calls run. */
  readonly takeDemand: () => readonly LimitDemand[]
  /** For the next policy's limits. */
  readonly state: RateLimitsState
}

type Counter = {
  rule: Rule
  requests: TokenBucket | null
  tokens: TokenBucket | null
  running: number
}

type Rule = {
  readonly limit: LimitRule
  readonly covers: Covers
  share: LimitShare
  asked: number
  readonly counters: Map<string, Counter>
  sweptAtMs: number
}

/** Values of a `per` dimension come from outside: so many are counted for themselves, and those beyond all together. */
const COUNTERS_MAX = 20_000
const TOGETHER = '\0'
const SWEEP_EVERY_MS = 1_000
const NO_PLACES: LimitPlaces = { counters: [], tokensTaken: 0 }
const ADMITTED: LimitAnswer = { places: NO_PLACES, refusal: null, shadow: null }

/** Handed from one policy's limits to the next one's. */
export type RateLimitsState = { readonly rules: readonly Rule[] }

/**
 * `share` is what this worker may use of each rule until it is told. `before` keeps what a rule of the same name and scope has
 * counted, also where its figures changed: a new policy fills no bucket and forgets no call that runs.
 */
export function createRateLimits(
  limits: readonly LimitRule[],
  share: number,
  before: RateLimitsState | null = null,
): RateLimits {
  const rules = limits.map((limit): Rule => {
    const known = before?.rules.find((rule) => countsTheSame(rule.limit, limit))
    return known === undefined ? newRule(limit, share) : changedRule(known, limit, share)
  })
  return {
    state: { rules },
    admit: (call, inputTokens, nowMs) =>
      rules.length === 0 ? ADMITTED : admit(rules, call, inputTokens, nowMs),
    end,
    setShares(shares, nowMs) {
      for (const rule of rules) {
        const { name } = rule.limit
        if (Object.hasOwn(shares, name)) changeShare(rule, shares[name] as LimitShare, nowMs)
      }
    },
    takeDemand: () => rules.map(demandOf),
  }
}

/** What came together until now came at the old share; a quiet bucket is not filled at the new one for the time before. */
function changeShare(rule: Rule, share: LimitShare, nowMs: number): void {
  const counters = [...rule.counters.values()]
  for (const { requests, tokens } of counters) {
    if (requests !== null) fill(requests, perMinute(rule, 'requestsPerMinute'), nowMs)
    if (tokens !== null) fill(tokens, perMinute(rule, 'tokensPerMinute'), nowMs)
  }
  rule.share = share
  for (const { requests, tokens } of counters) {
    if (requests !== null) requests.perMinute = perMinute(rule, 'requestsPerMinute')
    if (tokens !== null) tokens.perMinute = perMinute(rule, 'tokensPerMinute')
  }
}

function newRule(limit: LimitRule, share: number): Rule {
  return {
    limit,
    covers: compileScope(limit.scope),
    share: { share, slots: firstSlots(limit, share) },
    asked: 0,
    counters: new Map(),
    sweptAtMs: Number.NEGATIVE_INFINITY,
  }
}

function changedRule(known: Rule, limit: LimitRule, share: number): Rule {
  const isSameRoom = known.limit.concurrentCalls === limit.concurrentCalls
  const slots = isSameRoom ? known.share.slots : firstSlots(limit, share)
  return { ...known, limit, share: { share: known.share.share, slots } }
}

/** Fractions such as 1/49 of 98 must not lose a place to rounding. */
const ROUNDING = 1e-9

/** Never none: a worker must serve where nobody divides the limit. */
function firstSlots({ concurrentCalls }: LimitRule, share: number): number | null {
  return concurrentCalls === null
    ? null
    : Math.max(1, Math.floor(concurrentCalls * share + ROUNDING))
}

function countsTheSame(left: LimitRule, right: LimitRule): boolean {
  return (
    left.name === right.name && left.per === right.per && isDeepStrictEqual(left.scope, right.scope)
  )
}

function demandOf(rule: Rule): LimitDemand {
  const { asked, counters, limit } = rule
  rule.asked = 0
  let running = 0
  for (const counter of counters.values()) running = Math.max(running, counter.running)
  return { rule: limit.name, asked, running }
}

function admit(
  rules: readonly Rule[],
  call: Governed,
  inputTokens: number,
  nowMs: number,
): LimitAnswer {
  const counters: Counter[] = []
  let refusal: LimitRefusal | null = null
  let shadow: LimitRefusal | null = null
  for (const rule of rules) {
    if (!rule.covers(call)) continue
    rule.asked += 1
    const counter = counterOf(rule, call, nowMs)
    const refused = refusalOf(counter, inputTokens, nowMs)
    // What a shadow rule would have refused would have taken nothing from it either.
    if (refused === null) counters.push(counter)
    else if (rule.limit.shadow) shadow = stronger(shadow, refused)
    else refusal = stronger(refusal, refused)
  }
  if (refusal !== null) return { places: null, refusal, shadow }
  if (counters.length === 0) return shadow === null ? ADMITTED : { ...ADMITTED, shadow }
  for (const counter of counters) {
    counter.running += 1
    if (counter.requests !== null) take(counter.requests, 1)
    if (counter.tokens !== null) take(counter.tokens, inputTokens)
  }
  return { places: { counters, tokensTaken: inputTokens }, refusal: null, shadow }
}

/** A rate before a place, as the codes' precedence has it; then the one with the longer wait, so that it is true of all. */
function stronger(one: LimitRefusal | null, other: LimitRefusal): LimitRefusal {
  if (one === null) return other
  if (one.code !== other.code) return one.code === 'rate_limit' ? one : other
  return other.retryAfterS > one.retryAfterS ? other : one
}

function end({ counters, tokensTaken }: LimitPlaces, tokens: number | null, nowMs: number): void {
  for (const counter of counters) {
    counter.running -= 1
    if (counter.tokens === null) continue
    fill(counter.tokens, perMinute(counter.rule, 'tokensPerMinute'), nowMs)
    take(counter.tokens, (tokens ?? 0) - tokensTaken)
  }
}

function counterOf(rule: Rule, call: Governed, nowMs: number): Counter {
  const { limit, counters } = rule
  const value = limit.per === null ? '' : (call.dimensions[limit.per] ?? UNKNOWN)
  const known = counters.get(value)
  if (known !== undefined) return keptUp(known, rule, nowMs)
  const place = hasRoom(rule, nowMs) ? value : TOGETHER
  const counter = counters.get(place) ?? { rule, requests: null, tokens: null, running: 0 }
  counters.set(place, counter)
  return keptUp(counter, rule, nowMs)
}

/** A policy may have changed the figures since the counter was last looked at. */
function keptUp(counter: Counter, rule: Rule, nowMs: number): Counter {
  const { requestsPerMinute, tokensPerMinute } = rule.limit
  counter.rule = rule
  if (requestsPerMinute === null) counter.requests = null
  else counter.requests ??= createBucket(perMinute(rule, 'requestsPerMinute'), nowMs)
  if (tokensPerMinute === null) counter.tokens = null
  else counter.tokens ??= createBucket(perMinute(rule, 'tokensPerMinute'), nowMs)
  return counter
}

/** Only counters that are as if they were new are forgotten: nobody gets back what they used up before its time. */
function hasRoom(rule: Rule, nowMs: number): boolean {
  const { counters, sweptAtMs } = rule
  if (counters.size < COUNTERS_MAX) return true
  if (Math.abs(nowMs - sweptAtMs) < SWEEP_EVERY_MS) return false
  rule.sweptAtMs = nowMs
  for (const [value, counter] of counters) {
    if (isUnused(keptUp(counter, rule, nowMs), nowMs)) counters.delete(value)
  }
  return counters.size < COUNTERS_MAX
}

function isUnused({ rule, requests, tokens, running }: Counter, nowMs: number): boolean {
  return (
    running === 0 &&
    isFullBy(requests, perMinute(rule, 'requestsPerMinute'), nowMs) &&
    isFullBy(tokens, perMinute(rule, 'tokensPerMinute'), nowMs)
  )
}

function isFullBy(bucket: TokenBucket | null, rate: number, nowMs: number): boolean {
  if (bucket === null) return true
  fill(bucket, rate, nowMs)
  return isFull(bucket, rate)
}

function perMinute(rule: Rule, field: 'requestsPerMinute' | 'tokensPerMinute'): number {
  return (rule.limit[field] ?? 0) * rule.share.share
}

function refusalOf(counter: Counter, inputTokens: number, nowMs: number): LimitRefusal | null {
  const { rule, requests, tokens, running } = counter
  const { limit } = rule
  if (requests !== null) {
    const rate = perMinute(rule, 'requestsPerMinute')
    fill(requests, rate, nowMs)
    // A share of less than one request a minute still lets one through when it has come together.
    const wait = waitMs(requests, rate, Math.min(1, rate))
    if (wait > 0) return tooFast(limit, `${limit.requestsPerMinute} requests per minute`, wait)
  }
  if (tokens !== null) {
    const rate = perMinute(rule, 'tokensPerMinute')
    fill(tokens, rate, nowMs)
    // A single call larger than a minute's worth may go when the bucket is full; it leaves a debt.
    const wait = waitMs(tokens, rate, Math.min(Math.max(1, inputTokens), rate))
    if (wait > 0) return tooFast(limit, `${limit.tokensPerMinute} tokens per minute`, wait)
  }
  if (limit.concurrentCalls !== null && running >= (rule.share.slots ?? limit.concurrentCalls)) {
    const message = `Limit ${limit.name}: at most ${limit.concurrentCalls} calls at once.`
    return { rule: limit.name, code: 'concurrency', message, retryAfterS: 1 }
  }
  return null
}

/** A debt of more than an hour is not worth a number. */
const RETRY_AFTER_S_MAX = 3_600

function tooFast(limit: LimitRule, what: string, wait: number): LimitRefusal {
  const retryAfterS = Math.min(RETRY_AFTER_S_MAX, Math.max(1, Math.ceil(wait / 1000 - ROUNDING)))
  const message = `Limit ${limit.name}: ${what} are used up; try again in ${retryAfterS} s.`
  return { rule: limit.name, code: 'rate_limit', message, retryAfterS }
}
