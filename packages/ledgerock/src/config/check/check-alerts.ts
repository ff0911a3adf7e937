// Alerts among each other and with the rest of the file: a sink has what its type needs and nothing it has no use for, rules name
// sinks, budgets and dimensions there are, and no target is one that the guard of outgoing requests would never post to.

import { isIP, isIPv6 } from 'node:net'
import type { SinkType } from '../../governance/alert-rule.ts'
import { isTimeZone } from '../../kernel/time-zone.ts'
import { KEY_FIELD, MODEL_FIELD } from '../../governance/rule-scope.ts'
import { isPublicAddress } from '../../platform/public-address.ts'
import { PUBLIC_PORTS } from '../../platform/safe-fetch.ts'
import { defaultAlertName } from '../settings/alert-settings.ts'
import { unknownDimension } from './check-dimensions.ts'
import { nearest } from '../nearest.ts'
import {
  isWritten,
  list,
  strings,
  text,
  tree,
  type Path,
  type PathFault,
  type Tree,
} from '../raw.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Without `env` the variables are not looked at. */
export function checkAlerts(root: Tree, dimensions: Tree, env: Env | null): readonly PathFault[] {
  const alerts = tree(root['alerts'])
  const sinks = list(alerts['sinks']).map(tree)
  const names = sinks.flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
  const allowed = strings(alerts['allow_hosts']).map((host) => host.toLowerCase())
  return [
    ...sinks.flatMap((sink, index) => checkSink(['alerts', 'sinks', index], sink, allowed, env)),
    ...repeated(['alerts', 'sinks'], sinks, (sink) => text(sink['name'])),
    ...checkRules(root, dimensions, names),
  ]
}

const KEYS = {
  url: ['url', 'url_env'],
  secret: ['secret_env'],
  key: ['routing_key_env'],
  topic: ['topic_arn'],
  to: ['to'],
  smtp: ['smtp'],
} as const
type KeyGroup = keyof typeof KEYS

/** What a type must have; `pagerduty` may have a URL too. */
const NEEDS: Readonly<Record<SinkType, readonly KeyGroup[]>> = {
  slack: ['url'],
  webhook: ['url', 'secret'],
  email: ['to', 'smtp'],
  sns: ['topic'],
  pagerduty: ['key'],
}

function checkSink(
  path: Path,
  sink: Tree,
  allowed: readonly string[],
  env: Env | null,
): readonly PathFault[] {
  const { type } = sink
  if (typeof type !== 'string' || !Object.hasOwn(NEEDS, type)) return []
  const needs = NEEDS[type as SinkType]
  const mayHave: readonly KeyGroup[] = type === 'pagerduty' ? ['key', 'url'] : needs
  const faults: PathFault[] = []
  for (const [group, keys] of Object.entries(KEYS) as [KeyGroup, readonly string[]][]) {
    const written = keys.filter((key) => isWritten(sink[key]))
    const [first, second] = written
    if (needs.includes(group) && first === undefined) {
      faults.push({ path, message: `a ${type} sink needs ${keys.join(' or ')}` })
    }
    if (!mayHave.includes(group) && first !== undefined) {
      faults.push({ path: [...path, first], message: `a ${type} sink has no use for it` })
    } else if (second !== undefined) {
      faults.push({ path: [...path, second], message: `and ${first} say the same: keep one` })
    }
  }
  return [
    ...faults,
    ...checkQuietHours([...path, 'quiet_hours'], tree(sink['quiet_hours'])),
    ...checkUrl(path, sink, allowed, env),
    ...checkVariables(path, sink, env),
    ...checkMail([...path, 'smtp'], tree(sink['smtp']), allowed),
  ]
}

/** A password is said aloud only where somebody said that it may be. */
function checkMail(path: Path, smtp: Tree, allowed: readonly string[]): readonly PathFault[] {
  const { host, port, tls } = smtp
  if (tls !== 'none' || typeof host !== 'string' || !isWritten(smtp['password_env'])) return []
  const name = isIPv6(host) ? `[${host}]` : host.toLowerCase()
  const wholePort = isWritten(port) ? String(port) : SMTP_PORT
  if (allowed.includes(name) || allowed.includes(`${name}:${wholePort}`)) return []
  const message =
    'would send the password unencrypted: use starttls or tls, or add the host to alerts.allow_hosts'
  return [{ path: [...path, 'tls'], message }]
}

function checkQuietHours(path: Path, { from, to, time_zone: zone }: Tree): readonly PathFault[] {
  const faults: PathFault[] = []
  if (typeof from === 'string' && from === to) {
    faults.push({ path: [...path, 'to'], message: 'is when they begin: there would be none' })
  }
  if (typeof zone === 'string' && !isTimeZone(zone)) {
    faults.push({ path: [...path, 'time_zone'], message: 'is no IANA time zone' })
  }
  return faults
}

function checkUrl(
  path: Path,
  sink: Tree,
  allowed: readonly string[],
  env: Env | null,
): readonly PathFault[] {
  const variable = text(sink['url_env'])
  const written = text(sink['url'])
  const value = written ?? (variable === null ? undefined : env?.[variable])
  if (value === undefined) return []
  const at = [...path, written === null ? 'url_env' : 'url']
  const parsed = URL.parse(value)
  const isWeb = parsed !== null && ['https:', 'http:'].includes(parsed.protocol)
  if (!isWeb) return written === null ? [{ path: at, message: 'holds no https URL' }] : []
  if (parsed.username !== '' || parsed.password !== '') {
    return [{ path: at, message: 'must not hold a user name or a password' }]
  }
  const port = parsed.port === '' ? (DEFAULT_PORT[parsed.protocol] ?? '') : parsed.port
  const isAllowed = [parsed.hostname, `${parsed.hostname}:${port}`].some((one) =>
    allowed.includes(one),
  )
  if (isAllowed) return []
  const refusal = whyNeverPosted(parsed, port)
  const message = `${refusal ?? ''}, unless its host is in alerts.allow_hosts`
  return refusal === null ? [] : [{ path: at, message }]
}

/** What the guard of outgoing requests refuses whatever names resolve to. */
function whyNeverPosted({ protocol, hostname }: URL, port: string): string | null {
  if (protocol === 'http:') return 'must be https'
  if (!PUBLIC_PORTS.includes(port)) return `must be at port ${PUBLIC_PORTS.join(' or ')}`
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  return isIP(host) === 0 || isPublicAddress(host) ? null : 'must be at a public address'
}

const DEFAULT_PORT: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' }
const SMTP_PORT = '587'
const VARIABLES = ['url_env', 'secret_env', 'routing_key_env'] as const

function checkVariables(path: Path, sink: Tree, env: Env | null): readonly PathFault[] {
  const smtp = tree(sink['smtp'])
  const places: (readonly [Path, unknown])[] = [
    ...VARIABLES.map((key) => [[...path, key], sink[key]] as const),
    [[...path, 'smtp', 'password_env'], smtp['password_env']],
  ]
  const faults = places.flatMap(([at, name]) => {
    if (env === null || typeof name !== 'string' || (env[name] ?? '') !== '') return []
    return [{ path: at, message: `the environment variable ${name} is not set` }]
  })
  const isWithout = isWritten(smtp['user']) !== isWritten(smtp['password_env'])
  if (!isWithout) return faults
  return [
    ...faults,
    { path: [...path, 'smtp'], message: 'user and password_env are said together or not at all' },
  ]
}

function checkRules(root: Tree, dimensions: Tree, sinks: readonly string[]): readonly PathFault[] {
  const rules = list(tree(root['alerts'])['rules']).map(tree)
  const budgets = list(root['budgets']).flatMap((budget) => text(tree(budget)['name']) ?? [])
  const faults = rules.flatMap((rule, index) => {
    const path = ['alerts', 'rules', index]
    return [
      ...strings(rule['to']).flatMap((name, place) =>
        unknown([...path, 'to', place], name, sinks, 'sink'),
      ),
      ...checkBudget(path, rule, budgets),
      ...checkScope([...path, 'scope'], rule, dimensions),
    ]
  })
  const nameOf = (rule: Tree, index: number): string =>
    text(rule['name']) ?? defaultAlertName(String(rule['when']), index)
  return [...faults, ...repeated(['alerts', 'rules'], rules, nameOf)]
}

const BUDGET_KINDS: readonly unknown[] = ['budget', 'budget_forecast']
/** Of the others there is one, for everybody. */
const SCOPED_KINDS: readonly unknown[] = [...BUDGET_KINDS, 'unattributed', 'unpriced', 'spend_rate']
const OVER_KINDS: readonly unknown[] = ['unattributed', 'unpriced', 'spend_rate']

function checkBudget(path: Path, rule: Tree, budgets: readonly string[]): readonly PathFault[] {
  const faults: PathFault[] = []
  const { when, budget } = rule
  if (typeof budget === 'string') {
    const at = [...path, 'budget']
    if (BUDGET_KINDS.includes(when)) faults.push(...unknown(at, budget, budgets, 'budget'))
    else faults.push({ path: at, message: `a rule of ${String(when)} has no use for it` })
  }
  if (isWritten(rule['over']) && !OVER_KINDS.includes(when)) {
    faults.push({ path: [...path, 'over'], message: `a rule of ${String(when)} has no use for it` })
  }
  return faults
}

function checkScope(path: Path, rule: Tree, dimensions: Tree): readonly PathFault[] {
  return Object.entries(tree(rule['scope'])).flatMap(([field, values]) => {
    const at = [...path, field]
    if (!SCOPED_KINDS.includes(rule['when'])) {
      return [{ path: at, message: `a rule of ${String(rule['when'])} has no scope` }]
    }
    const isPattern = field === KEY_FIELD || field === MODEL_FIELD
    if (!isPattern) {
      const message = unknownDimension(dimensions, field)
      return message === null
        ? []
        : [{ path: at, message: `${message} (or ${KEY_FIELD}, ${MODEL_FIELD})` }]
    }
    if (!OVER_KINDS.includes(rule['when'])) return []
    const all = typeof values === 'string' ? [values] : strings(values)
    return all.some((value) => value.includes('*'))
      ? [{ path: at, message: 'takes whole names here, without *' }]
      : []
  })
}

function unknown(
  path: Path,
  name: string,
  known: readonly string[],
  what: string,
): readonly PathFault[] {
  if (known.includes(name)) return []
  const meant = nearest(name, known)
  const hint = meant === null ? '' : `; did you mean ${meant}?`
  return [{ path, message: `there is no such ${what}${hint}` }]
}

function repeated(
  path: Path,
  items: readonly Tree[],
  nameOf: (item: Tree, index: number) => string | null,
): readonly PathFault[] {
  const places = new Map<string, number>()
  return items.flatMap((item, index) => {
    const name = nameOf(item, index)
    if (name === null) return []
    const other = places.get(name)
    if (other === undefined) {
      places.set(name, index)
      return []
    }
    return [{ path: [...path, index], message: `has the name of the one at ${other}: ${name}` }]
  })
}
