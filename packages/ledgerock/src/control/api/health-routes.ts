// For machines that watch machines: alive, ready, metrics, and the API's own description.

import { z } from '@hono/zod-openapi'
import { isLocal } from './context.ts'
import { addRoute, authenticate, refusalOf, type Api, type AuthenticationDeps } from './route.ts'
import { component, jsonAnswer, problemAnswer, textAnswer } from './schemas.ts'

export type Readiness = {
  readonly ready: boolean
  /** One word per part: `ok`, or what it is waiting for. */
  readonly checks: Readonly<Record<string, string>>
}

export type HealthRouteDeps = AuthenticationDeps & {
  readonly version: string
  readonly readiness: () => Readiness | Promise<Readiness>
  /** The Prometheus text of all processes of this node. */
  readonly metricsText: () => string | Promise<string>
}

const health = component('Health', z.object({ status: z.literal('ok'), version: z.string() }), {
  status: 'ok',
  version: '0.1.0',
})
const readiness = component(
  'Readiness',
  z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) }),
  { ready: true, checks: { ledger: 'ok', policy: 'ok' } },
)
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function addHealthRoutes(api: Api, deps: HealthRouteDeps): void {
  const common = { method: 'get', tags: ['health'], audience: 'anyone' } as const
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/health',
      summary: 'Is it alive',
      responses: { 200: jsonAnswer('It is.', health) },
    },
    (c) => c.json({ status: 'ok', version: deps.version }),
  )
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/ready',
      summary: 'Does it serve',
      responses: {
        200: jsonAnswer('It does.', readiness),
        503: jsonAnswer('Not yet, or not any more.', readiness),
      },
    },
    async (c) => {
      const state = await deps.readiness()
      return c.json(state, state.ready ? 200 : 503)
    },
  )
  addRoute(
    api,
    deps,
    {
      ...common,
      path: '/metrics',
      summary: 'Prometheus metrics',
      description: 'Open to this machine; from elsewhere with a token.',
      responses: {
        200: textAnswer('Prometheus text format.', 'text/plain'),
        401: problemAnswer('From elsewhere, without a valid credential.'),
      },
    },
    async (c) => {
      if (!isLocal(c)) {
        const actor = await authenticate(c, deps)
        if (actor instanceof Response) return actor
        const refusal = refusalOf(actor, 'metrics.read')
        if (refusal !== null) return refusal
      }
      return c.body(await deps.metricsText(), 200, { 'content-type': METRICS_TYPE })
    },
  )
}
