import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase, type Database } from './database.ts'
import { arrayOf, decimal, instant, literal, mapOf, type SqlValue } from './literal.ts'

let path: string
let database: Database

beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'ledger-literal-'))
  database = openDatabase({ kind: 'embedded', path })
})
afterAll(async () => {
  await database.close()
  rmSync(path, { recursive: true })
})

async function read(values: readonly SqlValue[], as = (text: string) => text): Promise<unknown[]> {
  const columns = values.map((value, index) => `${as(literal(value))} AS c${index}`)
  const [row] = await database.use('interactive', (session) =>
    session.select<Record<string, unknown>>(`SELECT ${columns.join(', ')}`),
  )
  return Object.values(row ?? {})
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      '\\',
      '\0',
      '\n',
      '\r',
      '`',
      ';',
      '-',
      '/',
      '*',
      'x',
      '0',
      '\u2028',
      '💸',
    ),
    maxLength: 30,
  }),
)

describe('literal', () => {
  it('[L10] any text comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: 1, maxLength: 40 }), async (texts) => {
        expect(await read(texts)).toEqual(texts.map((text) => text.toWellFormed()))
      }),
      { numRuns: 120 },
    )
  })

  it('[L10] text inside arrays and maps cannot end them', async () => {
    const dictionary = fc.dictionary(anyText, anyText, { minKeys: 1, maxKeys: 8 })
    await fc.assert(
      fc.asyncProperty(dictionary, fc.array(anyText, { minLength: 1 }), async (entries, items) => {
        const [map, array] = await read([mapOf(Object.entries(entries)), arrayOf(items)])
        const wellFormed = Object.entries(entries).map(([key, value]) => [
          key.toWellFormed(),
          value.toWellFormed(),
        ])
        expect(map).toEqual(Object.fromEntries(wellFormed))
        expect(array).toEqual(items.map((item) => item.toWellFormed()))
      }),
      { numRuns: 60 },
    )
  })

  it('[L10] numbers come back to the last bit', async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 40 }), async (numbers) => {
        const back = await read(
          numbers,
          (text) => `reinterpretAsUInt64(toFloat64(${text}))::String`,
        )
        const bits = numbers.map((value) => {
          const view = new DataView(new ArrayBuffer(8))
          view.setFloat64(0, value === 0 ? 0 : value)
          return view.getBigUint64(0).toString()
        })
        expect(back).toEqual(bits)
      }),
      { numRuns: 60 },
    )
  })

  it('[L10] whole numbers, booleans, instants and dollars come back exactly', async () => {
    const whole = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n })
    const ms = fc.integer({ min: 0, max: 4_294_000_000_000 })
    const cents = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
    await fc.assert(
      fc.asyncProperty(whole, ms, cents, fc.boolean(), async (number, time, amount, flag) => {
        const digits = (amount < 0n ? -amount : amount).toString().padStart(13, '0')
        const usd = `${amount < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`
        const values = await read(
          [number, instant(time), decimal(usd), flag],
          (text) => `toString(${text})`,
        )
        const shortest = usd.replace(/0+$/, '').replace(/\.$/, '').replace(/^-0$/, '0')
        const at = new Date(time).toISOString().replace('T', ' ').replace('Z', '')
        expect(values).toEqual([number.toString(), at, shortest, String(flag)])
      }),
      { numRuns: 100 },
    )
  })

  it('[L10] a value that SQL cannot hold is a bug, not a guess', () => {
    expect(() => literal(Number.NaN)).toThrow('finite')
    expect(() => literal(decimal('1e3'))).toThrow('amount')
    expect(() => literal(2n ** 127n)).toThrow('128 bits')
  })
})
