// Every endpoint of /openapi.json with a real token of every role, against the rows below. They are written out rather than taken
// from the table in the code, so that a change of it shows here; an endpoint without a row, or a row without one, fails.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLES, type Extent, type Role } from './roles.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

/** In the order of `ROLES`: admin, finance, lead, viewer. */
const ALL: readonly Extent[] = ['all', 'all', 'all', 'all']
const OWN: readonly Extent[] = ['all', 'all', 'own', 'own']
const WHOLE: readonly Extent[] = ['all', 'all', 'none', 'none']
const ADMIN: readonly Extent[] = ['all', 'none', 'none', 'none']
const NOT_VIEWER: readonly Extent[] = ['all', 'all', 'own', 'none']
const LEAD: readonly Extent[] = ['all', 'none', 'own', 'none']

const ROWS: Readonly<Record<string, 'anyone' | readonly Extent[]>> = {
  'GET /health': 'anyone',
  'GET /ready': 'anyone',
  // Open to this machine; a request without a socket is from elsewhere, and is asked who it is.
  'GET /metrics': WHOLE,
  'POST /api/v1/session': 'anyone',
  'GET /api/v1/session': ALL,
  'DELETE /api/v1/session': ALL,
  'POST /api/v1/session/links': ADMIN,
  'GET /api/v1/spend': OWN,
  'GET /api/v1/calls': OWN,
  'GET /api/v1/calls/{call_id}': OWN,
  'GET /api/v1/calls/stream': OWN,
  'GET /api/v1/keys': OWN,
  'POST /api/v1/keys': LEAD,
  'POST /api/v1/keys/{name}/rotate': LEAD,
  'POST /api/v1/keys/{name}/revoke': LEAD,
  'DELETE /api/v1/keys/{name}': LEAD,
  'GET /api/v1/pauses': OWN,
  'POST /api/v1/pauses': LEAD,
  'DELETE /api/v1/pauses/{id}': LEAD,
  'GET /api/v1/access': OWN,
  'GET /api/v1/access/requests': OWN,
  'POST /api/v1/access/requests': LEAD,
  'POST /api/v1/access/requests/{id}/approve': ADMIN,
  'POST /api/v1/access/requests/{id}/deny': ADMIN,
  'DELETE /api/v1/access/requests/{id}': LEAD,
  'GET /api/v1/budgets': OWN,
  'GET /api/v1/budgets/{name}': OWN,
  'PUT /api/v1/budgets/{name}': NOT_VIEWER,
  'DELETE /api/v1/budgets/{name}': NOT_VIEWER,
  'POST /api/v1/budgets/{name}/raises/requests': LEAD,
  'GET /api/v1/budgets/raises/requests': OWN,
  'POST /api/v1/budgets/raises/requests/{id}/approve': ADMIN,
  'POST /api/v1/budgets/raises/requests/{id}/deny': ADMIN,
  'DELETE /api/v1/budgets/raises/requests/{id}': LEAD,
  'GET /api/v1/budgets/leases': ADMIN,
  'POST /api/v1/budgets/leases/reclaim': ADMIN,
  'POST /api/v1/budgets/nodes/{id}/evict': ADMIN,
  'GET /api/v1/limits': OWN,
  'GET /api/v1/alerts': OWN,
  'GET /api/v1/alerts/{id}': OWN,
  'POST /api/v1/alerts/{id}/acknowledge': LEAD,
  'POST /api/v1/alerts/{id}/mute': LEAD,
  'GET /api/v1/alert-sinks': WHOLE,
  'POST /api/v1/alert-sinks/{name}/test': ADMIN,
  'GET /api/v1/guardrails': OWN,
  'GET /api/v1/routes': OWN,
  'POST /api/v1/policy/simulate': WHOLE,
  'GET /api/v1/owners': OWN,
  'POST /api/v1/owners': WHOLE,
  'DELETE /api/v1/owners/{id}': WHOLE,
  'GET /api/v1/outcomes': OWN,
  'POST /api/v1/outcomes': WHOLE,
  'GET /api/v1/imports': WHOLE,
  'POST /api/v1/imports': WHOLE,
  'GET /api/v1/imports/names': WHOLE,
  'POST /api/v1/imports/names/{name}/run': WHOLE,
  'GET /api/v1/imports/{import_id}': WHOLE,
  'POST /api/v1/imports/{import_id}/run': WHOLE,
  'PUT /api/v1/imports/{import_id}/files/{path}': WHOLE,
  'POST /api/v1/periods/{period}/reconcile': WHOLE,
  'GET /api/v1/periods/{period}/reconciliation': WHOLE,
  'GET /api/v1/periods/{period}/allocation': WHOLE,
  'GET /api/v1/pools': WHOLE,
  'POST /api/v1/pools/preview': WHOLE,
  'PUT /api/v1/pools/{name}': WHOLE,
  'DELETE /api/v1/pools/{name}': WHOLE,
  'GET /api/v1/principals': OWN,
  'GET /api/v1/periods/{period}/statements': OWN,
  'GET /api/v1/statement-mails': WHOLE,
  'GET /api/v1/periods': OWN,
  'GET /api/v1/periods/{period}': OWN,
  'GET /api/v1/periods/{period}/closings/{number}': WHOLE,
  'GET /api/v1/periods/{period}/adjustments': OWN,
  'POST /api/v1/periods/{period}/adjustments': WHOLE,
  'POST /api/v1/periods/{period}/adjustments/approve': WHOLE,
  'POST /api/v1/periods/{period}/close': WHOLE,
  'POST /api/v1/periods/{period}/reopen': WHOLE,
  'POST /api/v1/periods/{period}/reopen/approve': ADMIN,
  'POST /api/v1/periods/{period}/reopen/deny': WHOLE,
  'GET /api/v1/users': ADMIN,
  'POST /api/v1/users': ADMIN,
  'POST /api/v1/users/{name}/disable': ADMIN,
  'POST /api/v1/users/{name}/links': ADMIN,
  'DELETE /api/v1/users/{name}': ADMIN,
  'GET /api/v1/tokens': ADMIN,
  'POST /api/v1/tokens': ADMIN,
  'POST /api/v1/tokens/{id}/revoke': ADMIN,
  'DELETE /api/v1/tokens/{id}': ADMIN,
  'GET /api/v1/audit-trail': WHOLE,
  'POST /api/v1/price': WHOLE,
  'GET /api/v1/prices': WHOLE,
  'GET /api/v1/prices/book': WHOLE,
  'GET /api/v1/prices/diff': WHOLE,
  'GET /api/v1/prices/rates/{rate_id}': WHOLE,
  'POST /api/v1/prices/import': WHOLE,
  'DELETE /api/v1/prices/documents/{document_id}': WHOLE,
  'POST /api/v1/prices/learn': WHOLE,
  'GET /api/v1/prices/learned': WHOLE,
  'GET /api/v1/prices/learned/{period}': WHOLE,
  'DELETE /api/v1/prices/learned/{period}': WHOLE,
  'POST /api/v1/prices/learned/{period}/accept': WHOLE,
  'GET /api/v1/prices/overrides': WHOLE,
  'POST /api/v1/prices/overrides': WHOLE,
  'DELETE /api/v1/prices/overrides/{name}': WHOLE,
  'POST /api/v1/prices/rerate': WHOLE,
  'POST /api/v1/prices/capacity': WHOLE,
  'GET /api/v1/verify': WHOLE,
  'POST /api/v1/verify': ADMIN,
}

let plane: ControlPlane
let endpoints: readonly string[]
const tokens = new Map<Role, string>()

beforeAll(async () => {
  plane = await startControlPlane()
  const document = (await (await plane.api.request('/openapi.json')).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  }
  endpoints = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  for (const role of ROLES) {
    const hasScope = role === 'lead' || role === 'viewer'
    const scope = hasScope ? { team: 'search' } : null
    await plane.send('POST', '/api/v1/users', { name: `the-${role}`, role, scope })
    const made = await plane.send('POST', '/api/v1/tokens', { user: `the-${role}` })
    tokens.set(role, ((await made.json()) as { readonly token: string }).token)
  }
})
afterAll(() => plane.stop())

async function ask(endpoint: string, role: Role | null) {
  const [method = '', path = ''] = endpoint.split(' ')
  const asked = plane.ledger.asked.length
  const response = await plane.api.request(path.replaceAll(/\{\w+\}/g, 'nobody'), {
    method,
    headers: role === null ? {} : { authorization: `Bearer ${tokens.get(role)}` },
  })
  const body = response.headers.get('content-type') === 'text/event-stream' ? '' : null
  const text = body ?? (await response.text())
  if (body !== null) await response.body?.cancel()
  return { status: response.status, text, questions: plane.ledger.asked.slice(asked) }
}

describe('every endpoint', () => {
  it('[C34] has a row here, and every row an endpoint', () => {
    expect(Object.keys(ROWS).toSorted()).toEqual(endpoints.toSorted())
  })

  it.each(Object.entries(ROWS))(
    '[C34] %s lets in exactly whom its row names',
    async (name, row) => {
      const stranger = await ask(name, null)
      expect(stranger.status === 401).toBe(row !== 'anyone')
      for (const [index, role] of ROLES.entries()) {
        const { status, text, questions } = await ask(name, role)
        const extent = row === 'anyone' ? 'all' : row[index]
        const isRefused = status === 403 && text.includes(`the role ${role} may not do this`)
        expect([role, isRefused]).toEqual([role, extent === 'none'])
        if (extent === 'none') expect(questions).toEqual([])
        else if (row !== 'anyone') expect([401, 403]).not.toContain(status)
        // Whatever the ledger is asked for a part of the whole carries the part.
        const scoped = { field: 'team', values: ['search'] }
        for (const { method, question } of questions) {
          if (method === 'call') continue
          const { where } = question as { readonly where?: readonly unknown[] }
          expect([
            role,
            where?.some((one) => JSON.stringify(one) === JSON.stringify(scoped)) ?? false,
          ]).toEqual([role, extent === 'own'])
        }
      }
    },
  )
})
