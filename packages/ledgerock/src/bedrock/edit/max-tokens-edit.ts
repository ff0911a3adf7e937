// Puts a maximum of output into a call that states none, where its API has a place for one: Converse in `inferenceConfig`, OpenAI's two
// APIs at the top. What InvokeModel takes differs by model, and Anthropic's Messages must state one anyway.

import type { BodyEdit } from './body-edit.ts'
import { memberPlace, spanOf } from './body-place.ts'
import type { Operation } from '../operation.ts'
import type { EditPlaces, MaxTokensPlace } from './edit-places.ts'

/**
 * `configAt`: where the value of `inferenceConfig` begins, or -1; `stated`: what stands under its `maxTokens`. Null where a maximum is
 * stated, or nothing can be put in.
 */
export function converseMaxTokensPlace(
  body: Buffer,
  configAt: number,
  stated: Buffer | null,
): MaxTokensPlace | null {
  if (configAt < 0) return memberOf(body, 0, 'config-member')
  if (stated !== null) return instead(body, stated)
  // AWS's JSON protocols take a null member for an absent one.
  const isNothing = body[configAt] === 0x6e
  return isNothing
    ? { start: configAt, end: configAt + NULL_BYTES, as: 'config', more: false }
    : memberOf(body, configAt, 'member')
}

const NULL_BYTES = 4

/** `stated`: what stands under the key the operation takes. */
export function openAiMaxTokensPlace(body: Buffer, stated: Buffer | null): MaxTokensPlace | null {
  return stated === null ? memberOf(body, 0, 'member') : instead(body, stated)
}

function memberOf(
  body: Buffer,
  from: number,
  as: 'member' | 'config-member',
): MaxTokensPlace | null {
  const inside = memberPlace(body, from)
  return inside === null ? null : { start: inside.at, end: inside.at, as, more: inside.more }
}

function instead(body: Buffer, stated: Buffer): MaxTokensPlace | null {
  return isNull(stated) ? { ...spanOf(body, stated), as: 'number', more: false } : null
}

function isNull(value: Buffer): boolean {
  return value[0] === 0x6e
}

const NO_EDITS: readonly BodyEdit[] = []

/**
 * Makes `maxTokens` the call's maximum of output; null where it states one or has no place for it. It stands before `others`, which
 * may begin at the same place, so it must also be handed on before them.
 */
export function maxTokensEdits(
  operation: Operation,
  places: Pick<EditPlaces, 'maxTokens'>,
  maxTokens: number,
  others: readonly BodyEdit[] = NO_EDITS,
): readonly BodyEdit[] | null {
  const place = places.maxTokens
  const name = keyOf(operation)
  if (place === null || name === null) return null
  const { start, end, more } = place
  const follows = more || (start === end && others.some((edit) => isAt(edit, start)))
  return [{ start, end, text: textOf(place, name, maxTokens) + (follows ? ',' : '') }]
}

function isAt(edit: BodyEdit, at: number): boolean {
  return edit.start === at && edit.end === at
}

function textOf({ as }: MaxTokensPlace, name: string, maxTokens: number): string {
  switch (as) {
    case 'number':
      return String(maxTokens)
    case 'member':
      return `"${name}":${maxTokens}`
    case 'config':
      return `{"${name}":${maxTokens}}`
    case 'config-member':
      return `"inferenceConfig":{"${name}":${maxTokens}}`
  }
}

function keyOf(operation: Operation): string | null {
  switch (operation) {
    case 'converse':
    case 'converse-stream':
      return 'maxTokens'
    case 'chat-completions':
      return 'max_completion_tokens'
    case 'responses':
      return 'max_output_tokens'
    default:
      return null
  }
}
