// Routes: what they name is there, none is hidden behind an earlier one, and none leads back to where another one comes from.

import { compileGlob } from '../../kernel/glob.ts'
import { checkWhen, covers } from './check-dimensions.ts'
import { neverChosen } from './check-identity.ts'
import { nearest } from '../nearest.ts'
import { isWritten, list, text, tree, type Path, type PathFault, type Tree } from '../raw.ts'

/** What a route does, each apart from the other: the first route that holds and has it decides. */
const PARTS = ['to', 'fallback'] as const
const STEP_KEYS = {
  to: ['model', 'tier', 'scope', 'region'],
  fallback: ['region', 'scope', 'model'],
} as const

export function checkRoutes(
  root: Tree,
  dimensions: Tree,
  regions: readonly string[],
): readonly PathFault[] {
  const routes = list(root['routes']).map(tree)
  const budgets = list(root['budgets']).flatMap((budget) => text(tree(budget)['name']) ?? [])
  return [
    ...routes.flatMap((route, index) => {
      const path = ['routes', index]
      return [
        ...checkBudget([...path, 'when'], tree(route['when']), budgets),
        ...checkWhen([...path, 'when'], dimensionsOf(route), dimensions),
        ...checkParts(path, route),
        ...checkHidden(path, route, routes.slice(0, index)),
        ...PARTS.flatMap((part) =>
          list(route[part]).flatMap((step, at) =>
            checkStep([...path, part, at], tree(step), STEP_KEYS[part], regions),
          ),
        ),
      ]
    }),
    ...checkLoops(routes),
  ]
}

function dimensionsOf(route: Tree): Tree {
  const { budget: _budget, above: _above, ...dimensions } = tree(route['when'])
  return dimensions
}

function checkBudget(
  path: Path,
  { budget, above }: Tree,
  budgets: readonly string[],
): readonly PathFault[] {
  if (isWritten(budget) !== isWritten(above)) {
    const [there, missing] = isWritten(budget) ? ['budget', 'above'] : ['above', 'budget']
    return [{ path: [...path, there], message: `needs ${missing} beside it` }]
  }
  if (typeof budget !== 'string' || budgets.includes(budget)) return []
  const meant = nearest(budget, budgets)
  const hint = meant === null ? '' : `; did you mean ${meant}?`
  return [{ path: [...path, 'budget'], message: `there is no such budget${hint}` }]
}

function checkParts(path: Path, route: Tree): readonly PathFault[] {
  if (PARTS.some((part) => isWritten(route[part]))) return []
  return [{ path, message: `must say where calls go: ${PARTS.join(' or ')}` }]
}

function checkHidden(path: Path, route: Tree, earlier: readonly Tree[]): readonly PathFault[] {
  const mine = PARTS.filter((part) => isWritten(route[part]))
  const hidden = mine.flatMap((part) => {
    const by = earlier.findIndex((other) => isWritten(other[part]) && takesAll(other, route))
    return by < 0 ? [] : [{ part, by }]
  })
  const [first] = hidden
  if (first !== undefined && hidden.length === mine.length) {
    return [{ path, message: neverChosen(`routes[${first.by}]`) }]
  }
  return hidden.map(({ part, by }) => ({
    path: [...path, part],
    message: neverChosen(`routes[${by}]`),
  }))
}

function takesAll(other: Tree, route: Tree): boolean {
  const [theirs, ours] = [other['from'] ?? '*', route['from'] ?? '*']
  return (
    (theirs === ours || theirs === '*') &&
    covers(dimensionsOf(other), dimensionsOf(route)) &&
    holdsAlways(tree(other['when']), tree(route['when']))
  )
}

/** A route that waits for a budget leaves others their calls until then, but none that waits for more of the same. */
function holdsAlways(other: Tree, route: Tree): boolean {
  if (!isWritten(other['budget'])) return !isWritten(other['above'])
  const [sooner, later] = [other['above'], route['above']]
  if (typeof sooner !== 'number' || typeof later !== 'number') return false
  return other['budget'] === route['budget'] && sooner <= later
}

function checkStep(
  path: Path,
  step: Tree,
  keys: readonly string[],
  regions: readonly string[],
): readonly PathFault[] {
  const { region, scope, model } = step
  const faults: PathFault[] = []
  if (!keys.some((key) => isWritten(step[key]))) {
    const [last = '', ...others] = keys.toReversed()
    faults.push({
      path,
      message: `must name a ${others.toReversed().join(', a ')} or a ${last}`,
    })
  }
  if (typeof region === 'string' && !regions.includes(region)) {
    faults.push({ path: [...path, 'region'], message: 'no target is in this region' })
  }
  if (isWritten(scope) && isWritten(model)) {
    const message = 'cannot stand beside model: name the profile of that scope as the model'
    faults.push({ path: [...path, 'scope'], message })
  }
  return faults
}

type Lead = {
  readonly route: number
  readonly path: Path
  readonly model: string
  readonly takes: (model: string) => boolean
  readonly when: Tree
}

/** Calls of one model that go to another one whose calls go back: neither can be meant. */
function checkLoops(routes: readonly Tree[]): readonly PathFault[] {
  const leads = routes.flatMap((route, index) => leadsOf(route, index))
  return leads.flatMap((lead) => {
    const back = wayBack(lead, leads)
    if (back === null) return []
    const message = `leads back: routes[${back.route}] sends ${lead.model} on to where it came from`
    return [{ path: lead.path, message }]
  })
}

function leadsOf(route: Tree, index: number): readonly Lead[] {
  const fits = compileGlob(text(route['from']) ?? '*')
  const takes = (model: string): boolean => fits(model) || fits(baseOf(model))
  return list(route['to']).flatMap((step, at) => {
    const model = text(tree(step)['model'])
    if (model === null) return []
    const path = ['routes', index, 'to', at, 'model']
    return [{ route: index, path, model, takes, when: dimensionsOf(route) }]
  })
}

/**
 * The first step of a way from where `lead` goes to a model of its own route. A model that a route takes and gives is left as it is, and
 * closes no loop.
 */
function wayBack(lead: Lead, leads: readonly Lead[]): Lead | null {
  const seen = new Set([lead.model])
  const ways = leads.filter((next) => goesOn(lead, next)).map((next) => ({ first: next, at: next }))
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    if (lead.takes(way.at.model)) return way.first
    if (seen.has(way.at.model)) continue
    seen.add(way.at.model)
    for (const next of leads) {
      if (goesOn(way.at, next) && mayMeet(lead.when, next.when)) {
        ways.push({ first: way.first, at: next })
      }
    }
  }
  return null
}

function goesOn(from: Lead, to: Lead): boolean {
  return from.model !== to.model && to.takes(from.model) && mayMeet(from.when, to.when)
}

function mayMeet(left: Tree, right: Tree): boolean {
  return Object.entries(left).every(
    ([name, value]) => !Object.hasOwn(right, name) || right[name] === value,
  )
}

/** `us.anthropic.claude-…` is a profile of `anthropic.claude-…`. */
function baseOf(model: string): string {
  return model.replace(/^(us|us-gov|eu|apac|jp|au|ca|sa|me|af|global)\./, '')
}
