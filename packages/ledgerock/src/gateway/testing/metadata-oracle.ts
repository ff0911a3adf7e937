// What request metadata must become when the gateway adds its own, told once more and more simply than the product does it: the
// client's entries keep every key and every slot, ours come in order while there is room, the rest is listed.

import fc from 'fast-check'

const ENTRIES_MAX = 16

export type OwnMetadata = {
  /** As it stands in the request; null: not at all. */
  readonly text: string | null
  /** Null: it is no object, and left for Bedrock to refuse. */
  readonly entries: Readonly<Record<string, string>> | null
}

const entries = fc
  .uniqueArray(
    fc.constantFrom(
      'team',
      'user_id',
      'ledgerock_call_id',
      ...Array.from({ length: 18 }, (_, at) => `own_${at}`),
    ),
    { maxLength: 18 },
  )
  .map((keys) => Object.fromEntries(keys.map((key) => [key, `v-${key}`])))

const written = fc
  .tuple(entries, fc.constantFrom('', ' ', '\t'))
  .map(([own, space]): OwnMetadata => {
    const members = Object.entries(own).map(
      ([key, value]) => `${space}${JSON.stringify(key)}${space}:"${value}"${space}`,
    )
    return { text: `{${space}${members.join(',')}}`, entries: own }
  })

export const arbitraryMetadata: fc.Arbitrary<OwnMetadata> = fc.oneof(
  { weight: 4, arbitrary: written },
  { weight: 1, arbitrary: fc.constant({ text: null, entries: {} }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { text: '"text"', entries: null },
      { text: '[1]', entries: null },
      { text: '7', entries: null },
    ),
  },
)

/** `ours` in order of importance; `unknown` is nobody's entry. */
export function metadataAdded(
  own: OwnMetadata,
  ours: Readonly<Record<string, string>>,
): { readonly metadata: Readonly<Record<string, string>>; readonly changes: readonly string[] } {
  const wanted = Object.entries(ours).filter(([, value]) => value !== 'unknown')
  if (own.entries === null) {
    return { metadata: {}, changes: droppedOf(wanted.map(([key]) => key)) }
  }
  const metadata: Record<string, string> = { ...own.entries }
  const dropped: string[] = []
  let isChanged = false
  for (const [key, value] of wanted) {
    if (key in metadata || Object.keys(metadata).length >= ENTRIES_MAX) {
      dropped.push(key)
      continue
    }
    metadata[key] = value
    isChanged = true
  }
  return { metadata, changes: [...(isChanged ? ['request_metadata'] : []), ...droppedOf(dropped)] }
}

function droppedOf(keys: readonly string[]): string[] {
  return keys.length === 0 ? [] : [`request_metadata_dropped:${keys.join()}`]
}

/** The one place where two bodies differ: what went and what came. All bytes before and behind it are alike. */
export function insertedBy(
  before: Buffer,
  after: Buffer,
): { readonly removed: string; readonly inserted: string } {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start += 1
  let end = 0
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1
  return {
    removed: before.toString('utf8', start, before.length - end),
    inserted: after.toString('utf8', start, after.length - end),
  }
}
