// How fast and how many at once: requests per minute, tokens per minute, calls at a time, each for a scope and, where a rule says
// `per`, for every value of a dimension by itself. A worker holds a share of every limit, which is changed as demand moves
// between workers (`limit-shares.ts`); all that happens on a call's way is arithmetic on its own buckets.
//
// A call takes a place in every limit that covers it, or in none. Its tokens are known when it ends: what it probably reads is
// taken at the start, the difference at the end, so that a bucket can be in debt and lets nothing through until that is paid.

import { compileScope, type Covers, type Governed, type RuleScope } from './rule-scope.ts'
import { createBucket, fill, take, waitMs, type TokenBucket } from './token-bucket.ts'

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

/** Share of a rule's limits that this worker may use, by rule name: 0 to 1. */
export type Shares = ReadonlyMap<string, number>

export type LimitDemand = { readonly rule: string; readonly asked: number }

export type RateLimits = {
  readonly admit: (call: Governed, inputTokens: number, nowMs: number) => LimitAnswer
  /** The call is over and had so many tokens; null: it never went upstream, so nothing of it counts but the request. */
  readonly end: (places: LimitPlaces, tokens: number | null, nowMs: number) => void
  readonly setShares: (shares: Shares) => void
  /** What was asked of each rule since the last time, refused or not. */
  readonly takeDemand: () => readonly LimitDemand[]
}

type Counter = {
  readonly rule: Rule
  requests: TokenBucket | null
  tokens: TokenBucket | null
  running: number
}

type Rule = {
  readonly limit: LimitRule
  readonly covers: Covers
  share: number
  asked: number
  readonly counters: Map<string, Counter>
}

/** Values of a `per` dimension come from outside: so many are kept, idle ones are dropped first. */
const COUNTERS_MAX = 10_000
const NO_PLACES: LimitPlaces = { counters: [], tokensTaken: 0 }
const ADMITTED: LimitAnswer = { places: NO_PLACES, refusal: null, shadow: null }

/** `before` keeps what rules of the same name and terms have counted, so that a new policy fills no bucket. */
export function createRateLimits(
  limits: readonly LimitRule[],
  share: number,
  before: RateLimitsState | null = null,
): RateLimits & { readonly state: RateLimitsState } {
  const rules = limits.map((limit): Rule => {
    const known = before?.rules.find((rule) => isSameLimit(rule.limit, limit))
    return (
      known ?? { limit, covers: compileScope(limit.scope), share, asked: 0, counters: new Map() }
    )
  })
  return {
    state: { rules },
    admit: (call, inputTokens, nowMs) =>
      rules.length === 0 ? ADMITTED : admit(rules, call, inputTokens, nowMs),
    end,
    setShares(shares) {
      for (const rule of rules) rule.share = shares.get(rule.limit.name) ?? rule.share
    },
    takeDemand() {
      return rules.map((rule) => {
        const { asked } = rule
        rule.asked = 0
        return { rule: rule.limit.name, asked }
      })
    },
  }
}

/** Handed from one policy's limits to the next one's. */
export type RateLimitsState = { readonly rules: readonly Rule[] }

function isSameLimit(left: LimitRule, right: LimitRule): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
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
    if (refused !== null && !rule.limit.shadow) refusal ??= refused
    if (refused !== null && rule.limit.shadow) shadow ??= refused
    counters.push(counter)
  }
  if (refusal !== null) return { places: null, refusal, shadow }
  if (counters.length === 0) return ADMITTED
  for (const counter of counters) {
    counter.running += 1
    if (counter.requests !== null) take(counter.requests, 1)
    if (counter.tokens !== null) take(counter.tokens, inputTokens)
  }
  return { places: { counters, tokensTaken: inputTokens }, refusal: null, shadow }
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
  const value = limit.per === null ? '' : (call.dimensions[limit.per] ?? '')
  const known = counters.get(value)
  if (known !== undefined) return known
  if (counters.size >= COUNTERS_MAX) dropIdle(counters)
  const bucket = (field: 'requestsPerMinute' | 'tokensPerMinute'): TokenBucket | null =>
    limit[field] === null ? null : createBucket(perMinute(rule, field), nowMs)
  const made: Counter = {
    rule,
    requests: bucket('requestsPerMinute'),
    tokens: bucket('tokensPerMinute'),
    running: 0,
  }
  counters.set(value, made)
  return made
}

/** The oldest that hold no running call; their next call begins with a full bucket. */
function dropIdle(counters: Map<string, Counter>): void {
  let left = COUNTERS_MAX / 10
  for (const [value, { running }] of counters) {
    if (running > 0) continue
    counters.delete(value)
    left -= 1
    if (left <= 0) return
  }
}

function perMinute(rule: Rule, field: 'requestsPerMinute' | 'tokensPerMinute'): number {
  return (rule.limit[field] ?? 0) * rule.share
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
  if (limit.concurrentCalls !== null && running >= placesOf(limit.concurrentCalls, rule.share)) {
    const message = `Limit ${limit.name}: at most ${limit.concurrentCalls} calls at once.`
    return { rule: limit.name, code: 'concurrency', message, retryAfterS: 1 }
  }
  return null
}

/** Never less than one: a share that rounds to nothing would shut a worker out until it is given more. */
function placesOf(concurrentCalls: number, share: number): number {
  return Math.max(1, Math.round(concurrentCalls * share))
}

const RETRY_AFTER_S_MAX = 60

function tooFast(limit: LimitRule, what: string, wait: number): LimitRefusal {
  const retryAfterS = Math.min(RETRY_AFTER_S_MAX, Math.max(1, Math.ceil(wait / 1000)))
  const message = `Limit ${limit.name}: ${what} are used up; try again in ${retryAfterS} s.`
  return { rule: limit.name, code: 'rate_limit', message, retryAfterS }
}
