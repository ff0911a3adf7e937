// `budgets/leases` and `budgets/nodes`: who holds what of hard budgets, and the two decisions that no machine makes: what a lost lease
// still counts, and that a node will not come back.

import { z } from '@hono/zod-openapi'
import type { BudgetService } from '../budgets/budgets.ts'
import { freedJson, leaseJson } from '../leases/lease-json.ts'
import type { LeaseProblem, LeaseService } from '../leases/leases.ts'
import { decisionBody } from './access-schema.ts'
import { readBody } from './body.ts'
import { evictedNode, leaseList, reclaimBody, reclaimedLease } from './lease-schema.ts'
import { refuse, type ProblemStatus } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'

export type LeaseRouteDeps = AuthenticationDeps & {
  readonly leases: Pick<LeaseService, 'leases' | 'reclaim' | 'evict'>
  readonly budgets: Pick<BudgetService, 'unitOf'>
}

const tags = ['budgets']
const STATUS: Record<LeaseProblem['code'], ProblemStatus> = {
  lease_unknown: 404,
  lease_not_lost: 409,
  node_unknown: 404,
  node_alive: 409,
}

export function addLeaseRoutes(api: Api, deps: LeaseRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/budgets/leases',
      summary: 'Who holds what of budgets',
      description: 'Of periods that still count, the largest hold first.',
      tags,
      audience: 'leases.manage',
      responses: { 200: jsonAnswer('All leases.', leaseList) },
    },
    async (c) => {
      const leases = await deps.leases.leases()
      const items = leases.map((lease) => leaseJson(lease, deps.budgets.unitOf))
      return c.json({ items, next_cursor: null })
    },
  )
  addReclaiming(api, deps)
  addEviction(api, deps)
}

function addReclaiming(api: Api, deps: LeaseRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: '/api/v1/budgets/leases/reclaim',
    summary: 'Free what a lost lease holds',
    description: `A lease is lost where its worker's journal may lack calls (power, disk). What it may
have spent stays charged until somebody who looked says otherwise; from then on it counts as what
the ledger has of it.`,
    tags,
    audience: 'leases.manage',
    request: jsonBody(reclaimBody),
    responses: {
      200: jsonAnswer('Freed.', reclaimedLease),
      404: problemAnswer('No such lease.'),
      409: problemAnswer('It is not lost.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, reclaimBody)
    if (!body.ok) return body.problem
    const { instance, holder, reason } = body.value
    const { name } = c.get('actor')
    const done = await deps.leases.reclaim(instance, holder, name, reason)
    return done.ok ? c.json(freedJson(done.value, deps.budgets.unitOf)) : leaseRefusal(done.problem)
  })
}

function addEviction(api: Api, deps: LeaseRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: '/api/v1/budgets/nodes/{id}/evict',
    summary: 'Give up a node that will not come back',
    description:
      'Its leases are lost, and all they may have spent stays charged until they are reclaimed.',
    tags,
    audience: 'leases.manage',
    request: { params: z.object({ id: z.string() }), ...jsonBody(decisionBody) },
    responses: {
      200: jsonAnswer('Evicted.', evictedNode),
      404: problemAnswer('No such node.'),
      409: problemAnswer('The node is alive.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, decisionBody)
    if (!body.ok) return body.problem
    const nodeId = c.req.param('id') ?? ''
    const done = await deps.leases.evict(nodeId, c.get('actor').name, body.value.reason)
    if (!done.ok) return leaseRefusal(done.problem)
    const leases = done.value.map((lease) => leaseJson(lease, deps.budgets.unitOf))
    return c.json({ node_id: nodeId, leases })
  })
}

function leaseRefusal({ code, detail }: LeaseProblem): Response {
  return refuse(STATUS[code], code, detail)
}
