import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRoom, ROOM_KINDS, type Room } from '../testing/store-rooms.ts'
import { openDatabase, type Database } from './database.ts'
import { fieldWriter } from './tab-separated.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(...Array.from('\\\'"\t\n\r\b\f\0\v`N;,[]{}: -0xa\u2028\ud800💸')),
    maxLength: 20,
  }),
)
const float = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const cents = fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })
const money = cents.map((amount) => {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(13, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`
})
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null })

/** A value of every kind of column there is in `calls`, and how it is read back as text or JSON. */
const COLUMNS = {
  text: { type: 'String', value: anyText },
  word: { type: 'LowCardinality(Nullable(String))', value: orNull(anyText) },
  optional: { type: 'Nullable(String)', value: orNull(anyText) },
  id: { type: 'Nullable(UUID)', value: orNull(fc.uuid()) },
  flag: { type: 'Bool', value: fc.boolean() },
  small: { type: 'Nullable(UInt16)', value: orNull(fc.nat(65_535)) },
  signed: { type: 'Int64', value: fc.maxSafeInteger() },
  large: { type: 'UInt64', value: fc.maxSafeNat() },
  float: { type: 'Float64', value: float },
  money: { type: 'Nullable(Decimal(38, 12))', value: orNull(money) },
  words: { type: 'Array(LowCardinality(String))', value: fc.array(anyText, { maxLength: 4 }) },
  floats: { type: 'Array(Float64)', value: fc.array(float, { maxLength: 4 }) },
  monies: { type: 'Array(Decimal(38, 12))', value: fc.array(money, { maxLength: 4 }) },
  counts: {
    type: 'Map(LowCardinality(String), Float64)',
    value: fc.array(fc.tuple(anyText, float), { maxLength: 3 }),
  },
  texts: {
    type: 'Map(LowCardinality(String), String)',
    value: fc.array(fc.tuple(anyText, anyText), { maxLength: 3 }),
  },
} as const
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]

/** Maps as pairs and money as its text; a lone surrogate has no UTF-8 form. */
function expected(name: keyof typeof COLUMNS, value: unknown): unknown {
  if (typeof value === 'string' && name === 'money') return shortest(value)
  if (name === 'monies') return (value as string[]).map(shortest)
  return wellFormed(value)
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  return Array.isArray(value) ? value.map(wellFormed) : value
}

const shortest = (usd: string): string =>
  usd.replace(/0+$/, '').replace(/\.$/, '').replace(/^-0$/, '0')

const READ: Readonly<Record<string, string>> = {
  money: 'toString(money)',
  monies: 'arrayMap(x -> toString(x), monies)',
  counts: 'arrayZip(mapKeys(counts), mapValues(counts))',
  texts: 'arrayZip(mapKeys(texts), mapValues(texts))',
}

describe.each(ROOM_KINDS)('a line of TabSeparated (%s)', (kind) => {
  let room: Room
  let database: Database

  beforeAll(async () => {
    room = await openRoom(kind)
    database = openDatabase(room.target())
    const columns = NAMES.map((name) => `\`${name}\` ${COLUMNS[name].type}`)
    await database.use('ship', async (session) => {
      await session.command('CREATE DATABASE lines')
      await session.command(
        `CREATE TABLE lines.lines (at UInt32, ${columns.join(', ')}) ENGINE = Memory`,
      )
    })
  })
  afterAll(async () => {
    await database.close()
    await room.close()
  })

  it('[L1] any value of any column comes back as it was', async () => {
    const row = fc.tuple(...NAMES.map((name) => COLUMNS[name].value as fc.Arbitrary<unknown>))
    const writers = NAMES.map((name) => fieldWriter(COLUMNS[name].type))
    const select = NAMES.map((name) => `${READ[name] ?? `\`${name}\``} AS \`read_${name}\``)
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const back = await database.use('ship', async (session) => {
          await session.command('TRUNCATE TABLE lines.lines')
          await session.insert({
            table: 'lines.lines',
            columns: ['at', ...NAMES],
            lines: rows.map((values, at) => {
              const fields = values.map((value, index) => writers[index]?.(value))
              return `${at}\t${fields.join('\t')}\n`
            }),
            token: '',
          })
          return session.select<Record<string, unknown>>(
            `SELECT ${select.join(', ')} FROM lines.lines ORDER BY at`,
          )
        })
        const wanted = rows.map((values) =>
          NAMES.map((name, index) => expected(name, values[index])),
        )
        expect(back.map((one) => NAMES.map((name) => one[`read_${name}`]))).toEqual(wanted)
      }),
      { numRuns: kind === 'embedded' ? 60 : 25 },
    )
  })
})
