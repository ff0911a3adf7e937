// `POST policy/simulate`: what rules would have done with past calls, beside those in force. It asks; it changes nothing.

import type { Clock } from '../../kernel/time.ts'
import type { PolicyTrials } from '../rules/policy-trials.ts'
import { readBody } from './body.ts'
import { trialJson, trialQuestion, trialReport } from './policy-schema.ts'
import { invalidRequest, refuse } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, jsonBody, problemAnswer } from './schemas.ts'
import { parseTimeRange } from './time-argument.ts'

export type PolicyRouteDeps = AuthenticationDeps & {
  readonly policyTrials: PolicyTrials
  readonly clock: Clock
}

export function addPolicyRoutes(api: Api, deps: PolicyRouteDeps): void {
  const route: Route = {
    method: 'post',
    path: '/api/v1/policy/simulate',
    summary: 'Try rules on past calls',
    description:
      'The body has the sections of the configuration file as JSON; what is left out is empty. Pauses are not tried. ' +
      'Calls are asked in the order of time; what would have been refused spends nothing afterwards.',
    tags: ['policy'],
    audience: 'policy.simulate',
    request: jsonBody(trialQuestion),
    responses: {
      200: jsonAnswer('What the candidate and the rules in force would have done.', trialReport),
      400: problemAnswer('Every fault of the rules, or too many calls.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, trialQuestion)
    if (!body.ok) return body.problem
    const { from, to, tz, ...rules } = body.value
    const range = parseTimeRange({ from, to, tz }, deps.clock.now())
    if (!range.ok) return invalidRequest(range.problem)
    const done = await deps.policyTrials.simulate({
      rules,
      fromMs: Date.parse(range.value.from),
      toMs: Date.parse(range.value.to),
      signal: c.req.raw.signal,
    })
    if (done.ok) return c.json(trialJson(range.value, done.value))
    const { code, detail, errors } = done.problem
    return refuse(code === 'asker_gone' ? 503 : 400, code, detail, errors)
  })
}
