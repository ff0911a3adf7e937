// Another service tier in the place of the one the client asked for, wherever the API has a place for it. Amazon Bedrock user guide,
// "Service tiers": Converse says it in the body (`serviceTier`), InvokeModel in a header, OpenAI's APIs in the body (`service_tier`).
// A route does this to few calls, so that the place is looked for only when one is changed.

import type { Tier } from '@ledgerock/contract'
import type { BodyEdit } from './body-edit.ts'
import { memberPlace, spanOf } from './body-place.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'
import type { Operation } from '../operation.ts'

/** The words of Bedrock's wire; null: nothing a call can be moved to. */
const WORDS: Readonly<Record<Tier, string | null>> = {
  standard: 'default',
  priority: 'priority',
  flex: 'flex',
  reserved: 'reserved',
  batch: null,
  'latency-optimized': null,
}

type Member = {
  readonly scan: JsonScan
  readonly name: string
  readonly value: (word: string) => string
}

const CONVERSE: Member = {
  scan: new JsonScan(compileJsonPaths(['serviceTier'])),
  name: 'serviceTier',
  value: (word) => `{"type":"${word}"}`,
}
const OPENAI: Member = {
  scan: new JsonScan(compileJsonPaths(['service_tier'])),
  name: 'service_tier',
  value: (word) => `"${word}"`,
}

/** Where an API says its tier; null: nowhere. */
export function takesTier(operation: Operation): 'body' | 'header' | null {
  switch (operation) {
    case 'invoke':
    case 'invoke-with-response-stream':
      return 'header'
    default:
      return memberOf(operation) === null ? null : 'body'
  }
}

/** Whether a call that asks for `asked` can be made in `tier` instead: who asks for low latency has chosen something else. */
export function canMoveTier(operation: Operation, asked: Tier, tier: Tier): boolean {
  return takesTier(operation) !== null && asked !== 'latency-optimized' && WORDS[tier] !== null
}

/** What the header says, for the APIs that have it there. */
export function tierWord(tier: Tier): string {
  return WORDS[tier] ?? 'default'
}

/**
 * For the APIs that say it in the body. It stands before `others`, which may begin at the same place, so it must also be handed on
 * before them.
 */
export function tierEdits(
  operation: Operation,
  body: Buffer,
  tier: Tier,
  others: readonly BodyEdit[],
): readonly BodyEdit[] {
  const member = memberOf(operation)
  if (member === null) return []
  const { scan, name, value } = member
  scan.reset()
  scan.write(body)
  scan.end()
  const stated = scan.value(0)
  const span = stated === null ? null : spanOf(body, stated)
  scan.reset()
  const text = value(tierWord(tier))
  if (span !== null) return [{ ...span, text }]
  const place = memberPlace(body, 0)
  if (place === null) return []
  const { at, more } = place
  const follows = more || others.some(({ start, end }) => start === at && end === at)
  return [{ start: at, end: at, text: `"${name}":${text}${follows ? ',' : ''}` }]
}

function memberOf(operation: Operation): Member | null {
  switch (operation) {
    case 'converse':
    case 'converse-stream':
      return CONVERSE
    case 'chat-completions':
    case 'responses':
      return OPENAI
    default:
      return null
  }
}
