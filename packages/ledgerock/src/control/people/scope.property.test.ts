import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { arbitraryRecord } from '../../ledger/testing/arbitrary-record.ts'
import { fieldOf } from '../../ledger/testing/naive-spend.ts'
import type { Actor } from './actor.ts'
import { createApi } from '../api.ts'
import type { Role } from './roles.ts'
import type { UserScope } from './scope.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createMemoryLedger } from '../testing/memory-ledger.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane.stop())

const DIMENSIONS = ['team', 'application', 'environment']
const range = {
  fromMs: Date.parse('2026-10-01T00:00:00Z'),
  toMs: Date.parse('2026-10-08T00:00:00Z'),
  dimensions: DIMENSIONS,
}
const WHEN = 'from=2026-10-01&to=2026-10-08'

const valuesOf = (name: string) =>
  fc.uniqueArray(fc.constantFrom(`${name}-1`, `${name}-2`, 'nobody-has-this'), {
    minLength: 1,
    maxLength: 2,
  })
const scopes: fc.Arbitrary<UserScope> = fc
  .uniqueArray(fc.constantFrom(...DIMENSIONS), { minLength: 1, maxLength: 2 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, valuesOf(name)]))))
const filters: fc.Arbitrary<UserScope> = fc
  .subarray(DIMENSIONS)
  .chain((names) =>
    fc.record(
      Object.fromEntries(names.map((name) => [name, fc.constantFrom(['unknown'], [`${name}-2`])])),
    ),
  )
const ledgers = fc.array(arbitraryRecord(range), { maxLength: 30 })

const whereOf = (scope: UserScope): string =>
  Object.entries(scope)
    .map(([name, values]) => `&where=${name}=${values.join(',')}`)
    .join('')

/** Said again, in other words than the code that is tested. */
const lies = (call: CallRecord, scope: UserScope): boolean =>
  Object.keys(scope).every((name) => (scope[name] ?? []).includes(fieldOf(call, name)))

function asker(records: readonly CallRecord[]) {
  const ledger = { ...plane.ledger, ...createMemoryLedger(records) }
  const api = createApi({ ...plane.apiDeps, ledger })
  return (role: Role, scope: UserScope | null) => {
    const inProcess: Actor = { name: 'someone', role, scope, by: 'in-process' }
    return async (path: string) => {
      const response = await api.request(`/api/v1/${path}`, {}, { inProcess })
      return { status: response.status, body: await response.json() }
    }
  }
}

describe('a reader who sees a part', () => {
  it('[C40] gets the rows and totals that the admin gets with that filter', async () => {
    await fc.assert(
      fc.asyncProperty(ledgers, scopes, filters, async (records, scope, filter) => {
        const as = asker(records)
        for (const role of ['lead', 'viewer'] as const) {
          for (const question of [
            `spend?by=team,environment&${WHEN}`,
            `spend?by=kind&granularity=day&${WHEN}`,
            `calls?limit=7&${WHEN}`,
          ]) {
            const asked = `${question}${whereOf(filter)}`
            const part = await as(role, scope)(asked)
            expect(part.status).toBe(200)
            expect(part).toEqual(await as('admin', null)(asked + whereOf(scope)))
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('[C40] is told of a call outside the part what he is told of one that never was', async () => {
    await fc.assert(
      fc.asyncProperty(ledgers, scopes, async (records, scope) => {
        const ask = asker(records)('viewer', scope)
        const unknown = '01999e1c-7d00-7000-8000-0000000000ff'
        const nothing = await ask(`calls/${unknown}`)
        expect(nothing.status).toBe(404)
        for (const call of records) {
          const answer = await ask(`calls/${call.call_id}`)
          if (!lies(call, scope)) {
            const text = JSON.stringify(answer).replaceAll(call.call_id, unknown)
            expect(JSON.parse(text)).toEqual(nothing)
            continue
          }
          expect(answer.status).toBe(200)
          const { attempts, versions } = answer.body as {
            readonly attempts: readonly { readonly call_id: string }[]
            readonly versions: readonly { readonly call_id: string }[]
          }
          const own = records
            .filter((one) => one.logical_id === call.logical_id && lies(one, scope))
            .map((one) => one.call_id)
          expect(attempts.map((one) => one.call_id)).toEqual(own)
          expect(versions.map((one) => one.call_id)).toEqual(own)
        }
      }),
      { numRuns: 60 },
    )
  })
})
