// Request metadata: entries Bedrock writes into its invocation logs, by which a line of the log is joined with ours. Converse takes
// them in its body, InvokeModel in a header. Ours are put beside the client's own, which keep every slot and every key they have;
// what then does not fit is left out and named.
// Limits: the Amazon Bedrock API reference, Converse, `requestMetadata`.

import type { BodyEdit } from './body-edit.ts'
import { memberPlace, spanOf } from './body-place.ts'
import { isJsonObject, objectOf, type JsonObject } from '../json/json-value.ts'
import type { RequestFacts } from '../request/request-facts.ts'
import type { Operation } from '../route.ts'
import type { MetadataEntry, MetadataPlace } from './edit-places.ts'

const ENTRIES_MAX = 16
const KEY_CHARACTERS_MAX = 256
const VALUE_CHARACTERS_MAX = 256
const HEADER_CHARACTERS_MAX = 8_500
/** Sixteen entries with every character escaped are smaller; what is larger is not read, and left for Bedrock to refuse. */
const METADATA_BYTES_MAX = 65_536

export type ConverseMetadata = {
  readonly own: JsonObject | null
  readonly place: MetadataPlace | null
}

const NO_KEYS: readonly string[] = []
const UNUSABLE: ConverseMetadata = { own: null, place: null }

export function takesMetadata(operation: Operation): 'header' | 'body' | null {
  switch (operation) {
    case 'converse':
    case 'converse-stream':
      return 'body'
    case 'invoke':
    case 'invoke-with-response-stream':
      return 'header'
    default:
      return null
  }
}

/** `value`: what stands under `requestMetadata`, part of `body`. Undefined where its inside is not JSON. */
export function readConverseMetadata(
  body: Buffer,
  value: Buffer | null,
): ConverseMetadata | undefined {
  if (value === null) {
    const root = memberPlace(body, 0)
    if (root === null) return UNUSABLE
    const after = root.more ? '},' : '}'
    const before = '"requestMetadata":{'
    return { own: null, place: { start: root.at, end: root.at, before, after, keys: NO_KEYS } }
  }
  const span = spanOf(body, value)
  // AWS's JSON protocols take a null member for an absent one.
  if (value[0] === 0x6e) {
    return { own: null, place: { ...span, before: '{', after: '}', keys: NO_KEYS } }
  }
  if (value[0] !== 0x7b || value.length > METADATA_BYTES_MAX) return UNUSABLE
  const own = objectOf(value)
  if (own === undefined || own === null) return undefined
  const inside = memberPlace(body, span.start)
  if (inside === null) return UNUSABLE
  const place = {
    start: inside.at,
    end: inside.at,
    before: '',
    after: inside.more ? ',' : '',
    keys: Object.keys(own),
  }
  return { own, place }
}

/** What to put into a Converse body so that it carries `entries`, the more important first. */
export function metadataEdits(
  facts: Pick<RequestFacts, 'places'>,
  entries: readonly MetadataEntry[],
): { readonly edits: readonly BodyEdit[]; readonly dropped: readonly string[] } {
  const place = facts.places.metadata
  if (place === null) return { edits: [], dropped: entries.map(([key]) => key) }
  const { text, dropped } = membersFor(place.keys, entries, Number.POSITIVE_INFINITY)
  if (text === '') return { edits: [], dropped }
  const { start, end, before, after } = place
  return { edits: [{ start, end, text: before + text + after }], dropped }
}

/**
 * The header's value with `entries` in it. Null: leave the header as it is, because it is not a JSON object, or because there is
 * none and nothing to put into one.
 */
export function metadataHeader(
  clientValue: string | undefined,
  entries: readonly MetadataEntry[],
): { readonly value: string; readonly dropped: readonly string[] } | null {
  if (clientValue === undefined) {
    const { text, dropped } = membersFor(NO_KEYS, entries, HEADER_CHARACTERS_MAX - 2)
    return text === '' ? null : { value: `{${text}}`, dropped }
  }
  const own = parsedObject(clientValue)
  if (own === null) return null
  const keys = Object.keys(own)
  const comma = keys.length > 0 ? ',' : ''
  const room = HEADER_CHARACTERS_MAX - clientValue.length - comma.length
  const { text, dropped } = membersFor(keys, entries, room)
  if (text === '') return { value: clientValue, dropped }
  const at = clientValue.indexOf('{') + 1
  return { value: clientValue.slice(0, at) + text + comma + clientValue.slice(at), dropped }
}

/** The entries that fit, as JSON members without braces; empty where none does. */
function membersFor(
  taken: readonly string[],
  entries: readonly MetadataEntry[],
  charactersMax: number,
): { readonly text: string; readonly dropped: readonly string[] } {
  const dropped: string[] = []
  const ours: string[] = []
  let text = ''
  for (const [key, value] of entries) {
    const hasSlot =
      taken.length + ours.length < ENTRIES_MAX && !taken.includes(key) && !ours.includes(key)
    const member = hasSlot ? memberOf(key, value) : null
    const comma = text === '' ? '' : ','
    if (member === null || text.length + comma.length + member.length > charactersMax) {
      dropped.push(key)
      continue
    }
    ours.push(key)
    text += comma + member
  }
  return { text, dropped }
}

/** Null where Bedrock would refuse the entry. */
function memberOf(key: string, value: string): string | null {
  if (key.length === 0 || key.length > KEY_CHARACTERS_MAX) return null
  if (value.length > VALUE_CHARACTERS_MAX) return null
  const kind = Math.min(kindOf(key), kindOf(value))
  if (kind === REFUSED) return null
  if (kind === PLAIN) return `"${key}":"${value}"`
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`
}

const REFUSED = 0
/** White space but for the blank: allowed, and written as an escape. */
const ESCAPED = 1
const PLAIN = 2

/** `[a-zA-Z0-9\s:_@$#=/+,-.]`, where the last three are a range: comma, hyphen, full stop. */
const KIND_OF_CODE = (() => {
  const kinds = new Uint8Array(128)
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  for (const character of `${letters}${letters.toUpperCase()}0123456789 :_@$#=/+,-.`) {
    kinds[character.charCodeAt(0)] = PLAIN
  }
  for (const character of '\t\n\v\f\r') kinds[character.charCodeAt(0)] = ESCAPED
  return kinds
})()

function kindOf(text: string): number {
  let kind = PLAIN
  for (let at = 0; at < text.length; at += 1) {
    kind = Math.min(kind, KIND_OF_CODE[text.charCodeAt(at)] ?? REFUSED)
  }
  return kind
}

function parsedObject(text: string): JsonObject | null {
  try {
    const parsed: unknown = JSON.parse(text)
    return isJsonObject(parsed) ? parsed : null
  } catch {
    return null
  }
}
