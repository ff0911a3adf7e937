// The file's routes as the gateway takes them: what a route asks of a budget stands apart from the dimensions it asks of a call.

import type { ConfigFile } from '../schema/schema.ts'
import type { Fallback, RouteRule } from './settings.ts'

type Written = ConfigFile['routes'][number]

export function routeOf({ when, from, to, fallback }: Written): RouteRule {
  const { budget, above, ...dimensions } = when
  return {
    when: dimensions,
    budget: budget === undefined || above === undefined ? null : { name: budget, above },
    from,
    to: to.map((step) => ({ ...stepOf(step), tier: step.tier ?? null })),
    fallback: fallback.map(stepOf),
  }
}

function stepOf({ region, scope, model }: Written['fallback'][number]): Fallback {
  return { region: region ?? null, scope: scope ?? null, model: model ?? null }
}
