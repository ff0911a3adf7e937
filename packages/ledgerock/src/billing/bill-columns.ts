// The columns of a bill under one spelling. The legacy report writes `lineItem/UsageType`, CUR 2.0 and a legacy report in a database
// `line_item_usage_type`; tags and some product attributes are columns in one and maps in the other.

export type BillColumns = {
  readonly indexOf: ReadonlyMap<string, number>
  /** Tag columns of the legacy report by their key. */
  readonly tags: readonly (readonly [index: number, key: string])[]
  readonly count: number
}

export type ColumnsProblem = { readonly reason: 'not_a_bill' | 'columns'; readonly detail: string }

/** Without these a line cannot be told or has no dollars. */
const NAME = 'line_item_usage_type'
const COSTS = ['line_item_unblended_cost', 'line_item_net_unblended_cost'] as const

/** Or why the header is no bill's. */
export function billColumns(header: readonly string[]): BillColumns | ColumnsProblem {
  const indexOf = new Map<string, number>()
  const tags: (readonly [number, string])[] = []
  for (const [index, written] of header.entries()) {
    const name = columnName(written.trim())
    const [, tag] = /^resourceTags\/(.+)$/.exec(written.trim()) ?? []
    const [, flat] = /^resource_tags_(user_.+|aws_.+)$/.exec(name) ?? []
    const key = tag ?? flat
    if (key !== undefined) tags.push([index, `resourceTags/${key}`])
    else if (indexOf.has(name)) return { reason: 'columns', detail: `${written} stands twice` }
    else indexOf.set(name, index)
  }
  const isBill = [...indexOf.keys()].some((name) => name.startsWith('line_item_'))
  if (!isBill) return { reason: 'not_a_bill', detail: 'no column of a cost and usage report' }
  if (!indexOf.has(NAME)) return { reason: 'columns', detail: `no ${NAME}` }
  if (!COSTS.some((cost) => indexOf.has(cost))) {
    return { reason: 'columns', detail: `neither ${COSTS.join(' nor ')}` }
  }
  return { indexOf, tags, count: header.length }
}

/** `lineItem/LineItemType` is `line_item_line_item_type`. */
export function columnName(written: string): string {
  return written
    .split('/')
    .map((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase())
    .join('_')
}

/** A map in one cell: JSON, or as a query engine prints it, `{key=value, key=value}`. Null for anything else. */
export function cellMap(text: string): { readonly [key: string]: string } | null {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const entries = Object.entries(value).filter(([, each]) => each !== null)
    return entries.every(([, each]) => typeof each === 'string')
      ? Object.fromEntries(entries)
      : null
  } catch {
    return printedMap(text)
  }
}

function printedMap(text: string): { readonly [key: string]: string } | null {
  const [, inside] = /^\{(.*)\}$/s.exec(text) ?? []
  if (inside === undefined) return null
  const entries = inside.split(/, (?=[^,=]+=)/).map((pair) => {
    const at = pair.indexOf('=')
    return at < 1 ? null : ([pair.slice(0, at), pair.slice(at + 1)] as const)
  })
  return entries.every((entry) => entry !== null) ? Object.fromEntries(entries) : null
}
