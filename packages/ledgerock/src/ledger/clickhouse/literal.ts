// The one place where a value becomes SQL text. Bound parameters are not used: on chDB they are a process-wide chain. Every
// byte that could end a literal is escaped by number, so no value can be read as SQL, whatever it holds.

import { assert, exhaustive } from '../../kernel/assert.ts'

export type SqlValue =
  | null
  | string
  | number
  | bigint
  | boolean
  | { readonly kind: 'instant'; readonly ms: number }
  | { readonly kind: 'decimal'; readonly usd: string }
  | { readonly kind: 'array'; readonly items: readonly SqlValue[] }
  | { readonly kind: 'tuple'; readonly items: readonly SqlValue[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [SqlValue, SqlValue])[] }

/** An instant with milliseconds: `DateTime64(3, 'UTC')`. */
export function instant(ms: number): SqlValue {
  return { kind: 'instant', ms }
}

/** An amount of dollars: `Decimal(38, 12)`. */
export function decimal(usd: string): SqlValue {
  return { kind: 'decimal', usd }
}

export function arrayOf(items: readonly SqlValue[]): SqlValue {
  return { kind: 'array', items }
}

export function tupleOf(items: readonly SqlValue[]): SqlValue {
  return { kind: 'tuple', items }
}

export function mapOf(entries: readonly (readonly [SqlValue, SqlValue])[]): SqlValue {
  return { kind: 'map', entries }
}

export function literal(value: SqlValue): string {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
      return float(value)
    case 'bigint':
      return whole(value)
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return composite(value)
  }
}

/** `('a','b')`, the right side of IN; an empty list matches nothing. */
export function inList(values: readonly SqlValue[]): string {
  return values.length === 0 ? '(NULL)' : `(${values.map(literal).join(',')})`
}

/** A name of a database, table or column. */
export function identifier(name: string): string {
  assert(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name), `not an identifier: ${JSON.stringify(name)}`)
  return `\`${name}\``
}

function composite(value: Extract<SqlValue, { readonly kind: string }>): string {
  switch (value.kind) {
    case 'instant':
      assert(Number.isSafeInteger(value.ms), 'an instant is whole milliseconds')
      return `fromUnixTimestamp64Milli(toInt64(${value.ms}),'UTC')`
    case 'decimal':
      assert(/^-?\d{1,26}(\.\d{1,12})?$/.test(value.usd), 'not an amount of dollars')
      return `toDecimal128('${value.usd}',12)`
    case 'array':
      return `[${value.items.map(literal).join(',')}]`
    case 'tuple':
      return `tuple(${value.items.map(literal).join(',')})`
    case 'map':
      return `map(${value.entries.flat().map(literal).join(',')})`
    default:
      return exhaustive(value)
  }
}

/** Lone surrogates have no UTF-8 form; they become U+FFFD here as they do on every wire. */
function text(value: string): string {
  const escaped = value.toWellFormed().replace(
    // Control characters and all that could end a string or begin an escape.
    // oxlint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f'"\\`;]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return `'${escaped}'`
}

function float(value: number): string {
  assert(Number.isFinite(value), 'a number in SQL is finite')
  if (Number.isSafeInteger(value)) return whole(BigInt(value))
  // Text with a point or exponent is not read back to the last bit; the bits are.
  return `reinterpretAsFloat64(toUInt64(${floatBits(value)}))`
}

function floatBits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0)
}

function whole(value: bigint): string {
  if (value >= -(2n ** 63n) && value < 2n ** 64n) return value.toString()
  assert(value >= -(2n ** 127n) && value < 2n ** 127n, 'a whole number in SQL has 128 bits')
  return `toInt128('${value}')`
}
