// A value as a field of ClickHouse's TabSeparated format, the cheapest one for the engine to read that needs no type of ours on its
// side. The column's type decides how a value is written, not the value: an empty text, an absent one and an empty list differ only
// there. What the type cannot hold exactly is a RangeError, because the engine would wrap or round it in silence.

import { assert } from '../../kernel/assert.ts'

/** Maps are given as their entries. */
export type FieldWriter = (value: unknown) => string

const ABSENT = '\\N'

export function fieldWriter(type: string): FieldWriter {
  const { name, parameter } = parsed(type)
  switch (name) {
    case 'LowCardinality':
      return fieldWriter(parameter)
    case 'Nullable': {
      const write = fieldWriter(parameter)
      return (value) => (value === null ? ABSENT : write(value))
    }
    case 'Array': {
      const write = itemWriter(parameter)
      return (items) => arrayText(items as readonly unknown[], write)
    }
    case 'Map': {
      const comma = parameter.indexOf(', ')
      const writeKey = itemWriter(parameter.slice(0, comma))
      const writeValue = itemWriter(parameter.slice(comma + 2))
      return (entries) => mapText(entries as readonly Entry[], writeKey, writeValue)
    }
    case 'Bool':
    case 'Decimal':
      return String
    case 'Float64':
      return float
    case 'String':
    case 'UUID':
    case 'DateTime64':
      return (value) => escaped(value as string)
    default:
      return wholeWriter(name)
  }
}

type Entry = readonly [unknown, unknown]

/** Inside of a list or a map texts stand in quotes. */
function itemWriter(type: string): FieldWriter {
  const { name, parameter } = parsed(type)
  if (name === 'LowCardinality') return itemWriter(parameter)
  if (name === 'Nullable') {
    const write = itemWriter(parameter)
    return (value) => (value === null ? 'NULL' : write(value))
  }
  return name === 'String' ? (value) => `'${escaped(value as string)}'` : fieldWriter(type)
}

function parsed(type: string): { readonly name: string; readonly parameter: string } {
  const bracket = type.indexOf('(')
  if (bracket < 0) return { name: type, parameter: '' }
  return { name: type.slice(0, bracket), parameter: type.slice(bracket + 1, -1) }
}

function arrayText(items: readonly unknown[], write: FieldWriter): string {
  let text = ''
  for (const item of items) text += `${text === '' ? '' : ','}${write(item)}`
  return `[${text}]`
}

function mapText(entries: readonly Entry[], key: FieldWriter, value: FieldWriter): string {
  let text = ''
  for (const [name, one] of entries) text += `${text === '' ? '' : ','}${key(name)}:${value(one)}`
  return `{${text}}`
}

function float(value: unknown): string {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${String(value)}`)
  return String(value)
}

const WHOLE: Readonly<Record<string, readonly [number, number]>> = {
  Int8: [-128, 127],
  Int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  UInt16: [0, 65_535],
  UInt32: [0, 4_294_967_295],
  UInt64: [0, Number.MAX_SAFE_INTEGER],
}

function wholeWriter(type: string): FieldWriter {
  const range = WHOLE[type]
  assert(range !== undefined, `no way to write the type ${type}`)
  const [least, most] = range
  return (value) => {
    const fits = Number.isInteger(value) && Number(value) >= least && Number(value) <= most
    if (!fits) throw new RangeError(`not a whole number of ${type}: ${String(value)}`)
    return String(value)
  }
}

/** What must not stand in a field as it is; surrogates, because a lone one has no UTF-8 form. */
// oxlint-disable-next-line no-control-regex
const SPECIAL = /[\\'\t\n\r\b\f\0\ud800-\udfff]/
// oxlint-disable-next-line no-control-regex
const ESCAPED = /[\\'\t\n\r\b\f\0]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\b': '\\b',
  '\f': '\\f',
  '\0': '\\0',
}

function escaped(text: string): string {
  if (!SPECIAL.test(text)) return text
  return text.toWellFormed().replace(ESCAPED, (character) => ESCAPES[character] as string)
}
