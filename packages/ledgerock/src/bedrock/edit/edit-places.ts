// Where our own changes of a request would go, as byte offsets into its body.

import type { BodyEdit } from './body-edit.ts'
import type { Span } from './body-place.ts'

/** Each is for the function `…Edits` of its name. */
export type EditPlaces = {
  readonly model: Span | null
  readonly metadata: MetadataPlace | null
  readonly streamUsage: BodyEdit | null
  readonly guardrail: GuardrailPlace | null
  readonly maxTokens: MaxTokensPlace | null
}

/** Where ours go in a Converse body: the members stand between `before` and `after`. */
export type MetadataPlace = {
  readonly start: number
  readonly end: number
  readonly before: string
  readonly after: string
  /** The client's own keys. */
  readonly keys: readonly string[]
}

/** Where one goes in a Converse body. */
export type GuardrailPlace = {
  readonly start: number
  readonly end: number
  readonly before: string
  readonly after: string
  /** Members of the same object follow. */
  readonly more: boolean
}

export type MaxTokensPlace = {
  readonly start: number
  readonly end: number
  /** What is written: the number alone, a member, or `inferenceConfig` as a whole, with its name or in the place of a null. */
  readonly as: 'number' | 'member' | 'config' | 'config-member'
  /** Members of the same object follow. */
  readonly more: boolean
}

export type MetadataEntry = readonly [key: string, value: string]

/** A part the client left out is the empty text. */
export type NamedGuardrail = { readonly id: string; readonly version: string }
