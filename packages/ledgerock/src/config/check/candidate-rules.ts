// Rules that somebody wants to try: the sections of a file that say who may call what, as JSON, read as the file itself is read. Variables
// are filled in where the file lies; here `${…}` is only text, so that nobody can ask for what is in this machine's environment.

import type { ProblemError } from '@ledgerock/contract'
import type { TriedRoute } from '../../governance/trial/simulate-policy.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { governanceOf, type GovernanceConfig } from '../settings/governance-settings.ts'
import { list, text, tree } from '../raw.ts'
import { routeOf } from '../settings/route-settings.ts'
import type { ConfigFile } from '../schema/schema.ts'
import type { RouteRule } from '../settings/settings.ts'
import { validateText } from '../validate.ts'

export type CandidateRules = GovernanceConfig & { readonly routes: readonly TriedRoute[] }

type TriedSection = 'access' | 'limits' | 'guardrails' | 'budgets' | 'routes'

/** `sections`: those of the file, each as it stands there; `dimensions`: the names that are declared. */
export function candidateRules(
  sections: Readonly<Record<string, unknown>>,
  dimensions: readonly string[],
): Result<CandidateRules, readonly ProblemError[]> {
  const file = {
    ...sections,
    dimensions: Object.fromEntries(dimensions.map((name) => [name, {}])),
    ...bedrockFor(sections['routes']),
    // How long calls are kept is said by another section too.
    retention: { calls: 'forever' },
  }
  const written = JSON.stringify(file).replaceAll('${', () => '$${')
  const read = validateText(written, null, {}, null)
  if (!read.ok) return err(read.problem.map(({ path, message }) => ({ path, message })))
  const { routes, ...rest } = read.value
  return ok({ ...governanceOf(rest), routes: triedRoutes(routes.map(routeOf)) })
}

/** The same sections of a file that was read, whole: what `candidateRules` takes. */
export function writtenRules(file: ConfigFile): Readonly<Record<TriedSection, readonly unknown[]>> {
  const { access, limits, guardrails, budgets } = file
  const routes = file.routes.map(({ to, fallback, ...route }) => ({
    ...route,
    // An empty list is written by nobody.
    ...(to.length === 0 ? {} : { to }),
    ...(fallback.length === 0 ? {} : { fallback }),
  }))
  return { access, limits, guardrails, budgets, routes }
}

/** Those that lead elsewhere because of a budget, or always; fallbacks are for when Bedrock fails. */
export function triedRoutes(routes: readonly RouteRule[]): readonly TriedRoute[] {
  return routes.flatMap(({ when, budget, from, to }, index) =>
    to.length === 0 ? [] : [{ name: `route-${index + 1}`, when, budget, from }],
  )
}

/** Which regions are served says another section: here every region that is named is. */
function bedrockFor(routes: unknown): object {
  const steps = list(routes).flatMap((route) => ['to', 'fallback'].map((part) => tree(route)[part]))
  const named = steps.flatMap(list).flatMap((step) => text(tree(step)['region']) ?? [])
  const regions = [...new Set(named)]
  if (regions.length === 0) return {}
  return {
    bedrock: {
      region: regions[0],
      targets: regions.map((region, index) => ({ name: `target-${index + 1}`, region })),
    },
  }
}
