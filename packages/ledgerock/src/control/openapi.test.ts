import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLE_CALL } from './api/call-schema.ts'
import { budgetWith } from './testing/budget.ts'
import { startControlPlane, type ControlPlane } from './testing/control-plane.ts'

type Schema = { readonly [key: string]: unknown }
type Operation = {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly security?: readonly unknown[]
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}
type Document = {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly securitySchemes: Readonly<Record<string, unknown>>
  }
}

let plane: ControlPlane
let document: Document
beforeAll(async () => {
  plane = await startControlPlane()
  document = (await (await plane.api.request('/openapi.json')).json()) as Document
})
afterAll(() => plane.stop())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

/** Everything in `value` that is an object, at any depth. */
function* objects(value: unknown): Generator<Schema> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Schema
  for (const member of Object.values(value)) yield* objects(member)
}

describe('/openapi.json', () => {
  it('[C36] is OpenAPI 3.1 of this version', () => {
    expect(document.openapi).toBe('3.1.0')
    expect(document.info.version).toBe('0.1.0')
    expect(Object.keys(document.components.securitySchemes)).toEqual(['token', 'key', 'session'])
  })

  it('[C36] has every route that is served, and only those', () => {
    const pages = ['/', '/page.css', '/page.js', '/links.js', '/openapi.json']
    const served = plane.api.routes
      .filter(({ method, path }) => method !== 'ALL' && !pages.includes(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    const described = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(described.toSorted()).toEqual([...new Set(served)].toSorted())
    expect(described.length).toBeGreaterThanOrEqual(18)
  })

  it('[C36] every reference leads somewhere and every path parameter is described', () => {
    const known = Object.keys(document.components.schemas).map(
      (name) => `#/components/schemas/${name}`,
    )
    const references = [...objects(document)].flatMap(({ $ref }) => $ref ?? [])
    expect(references.length).toBeGreaterThan(20)
    expect(references.filter((reference) => !known.includes(reference as string))).toEqual([])
    for (const { path, operation } of operations()) {
      const described = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => `{${name}}`)
      expect(described).toEqual(path.match(/\{\w+\}/g) ?? [])
      for (const { description } of Object.values(operation.responses)) {
        expect(description).not.toBe('')
      }
    }
  })

  it('[C36] every named schema has an example', () => {
    const without = Object.entries(document.components.schemas)
      .filter(([, schema]) => schema['example'] === undefined)
      .map(([name]) => name)
    expect(without).toEqual([])
  })

  it('[C36] what is not marked as open asks for a credential', async () => {
    const wrong: string[] = []
    for (const { path, method, operation } of operations()) {
      const answer = await plane.api.request(path.replaceAll(/\{\w+\}/g, 'x'), { method })
      // Metrics are open to this machine only, which a request without a socket is not.
      const open = operation.security === undefined && path !== '/metrics'
      if ((answer.status !== 401) !== open) wrong.push(`${method} ${path}: ${answer.status}`)
    }
    expect(wrong).toEqual([])
  })

  it('[C36] real answers have the described fields', async () => {
    plane.ledger.records = [EXAMPLE_CALL]
    const paused = await plane.send('POST', '/api/v1/pauses', { scope: {} })
    const { pause_id: pauseId } = (await paused.clone().json()) as { readonly pause_id: string }
    const requests = '/api/v1/access/requests'
    const wish = { model: 'amazon.nova-pro-v1:0', scope: {}, until: '1d', reason: 'a trial' }
    const asked = await plane.send('POST', requests, wish)
    const { request_id: id } = (await asked.clone().json()) as { readonly request_id: string }
    plane.declared.budgets = [budgetWith()]
    const raises = '/api/v1/budgets/raises/requests'
    const more = { amount_usd: '1', until: '1d', reason: 'a launch' }
    const wanted = await plane.send('POST', '/api/v1/budgets/search-monthly/raises/requests', more)
    const { request_id: raiseId } = (await wanted.clone().json()) as { readonly request_id: string }
    const made = '/api/v1/budgets/search-trial'
    const trial = { scope: { team: 'search' }, period: 'day', limit_usd: '5' }
    const answers: readonly (readonly [string, Response])[] = [
      ['CallsPage', await plane.get('/api/v1/calls')],
      ['CallExplained', await plane.get(`/api/v1/calls/${EXAMPLE_CALL.call_id}`)],
      ['CreatedKey', await plane.send('POST', '/api/v1/keys', { name: 'k', sigv4: true })],
      ['RotatedKey', await plane.send('POST', '/api/v1/keys/k/rotate')],
      ['KeyList', await plane.get('/api/v1/keys')],
      ['RevokedKey', await plane.send('DELETE', '/api/v1/keys/k')],
      ['Paused', paused],
      ['PauseList', await plane.get('/api/v1/pauses')],
      ['Resumed', await plane.send('DELETE', `/api/v1/pauses/${pauseId}`)],
      ['AccessRequest', asked],
      ['AccessRequestPage', await plane.get(requests)],
      ['DeliveredAccessRequest', await plane.send('DELETE', `${requests}/${id}`)],
      ['AccessInForce', await plane.get('/api/v1/access')],
      ['BudgetPage', await plane.get('/api/v1/budgets')],
      ['BudgetDetail', await plane.get('/api/v1/budgets/search-monthly')],
      ['SetBudget', await plane.send('PUT', made, trial)],
      ['DeletedBudget', await plane.send('DELETE', made, { reason: 'over' })],
      ['BudgetRequest', wanted],
      ['BudgetRequestPage', await plane.get(raises)],
      ['DeliveredBudgetRequest', await plane.send('DELETE', `${raises}/${raiseId}`)],
      ['LeaseList', await plane.get('/api/v1/budgets/leases')],
      ['LimitList', await plane.get('/api/v1/limits')],
      ['GuardrailList', await plane.get('/api/v1/guardrails')],
      ['VerifyReport', await plane.get('/api/v1/verify')],
      ['Session', await plane.get('/api/v1/session')],
      ['LoginLink', await plane.send('POST', '/api/v1/session/links')],
      ['Readiness', await plane.get('/ready')],
      ['Health', await plane.get('/health')],
      ['Problem', await plane.get('/api/v1/nothing')],
    ]
    for (const [name, answer] of answers) {
      const described = document.components.schemas[name]?.['properties'] as Schema
      const fields = Object.keys((await answer.json()) as object)
      expect([name, fields.toSorted()]).toEqual([name, Object.keys(described).toSorted()])
    }
  })
})
