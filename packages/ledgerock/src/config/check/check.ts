// What a schema cannot say because it concerns several keys at once. The checks look at the raw data, so that they report
// their faults together with the schema's instead of only after those are mended.

import { isIP } from 'node:net'
import { parseKey } from '../../governance/credential/key-format.ts'
import { SECRET_CHARS_MAX, SECRET_CHARS_MIN } from '../../governance/credential/secret-digest.ts'
import { checkAlerts } from './check-alerts.ts'
import { checkBilling } from './check-billing.ts'
import { checkBudgets } from './check-budgets.ts'
import { checkBound, checkDimensions } from './check-dimensions.ts'
import { checkGovernance } from './check-governance.ts'
import { checkPrices } from './check-prices.ts'
import { checkRetention } from './check-retention.ts'
import { checkRoutes } from './check-routes.ts'
import { checkDisconnect, checkOwners } from './check-rules.ts'
import { checkTargets, targetRegions } from './check-targets.ts'
import { checkTls, type ReadBeside } from './check-tls.ts'
import { checkTracesHeaders } from './check-traces.ts'
import { BODY_BYTES_DEFAULT, HELD_BYTES_DEFAULT } from '../schema/gateway-schema.ts'
import { isWritten, list, tree, type PathFault, type Tree } from '../raw.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What the file leads to: variables that hold secrets, and other files. */
export type Outside = { readonly env: Env; readonly readBeside: ReadBeside }

/** Without `outside` only the file itself is looked at: for a shell that has neither the secrets nor the rights. */
export function checkTogether(data: unknown, outside: Outside | null): readonly PathFault[] {
  const root = tree(data)
  const [dimensions, gateway, bedrock] = [
    tree(root['dimensions']),
    tree(root['gateway']),
    tree(root['bedrock']),
  ]
  return [
    ...checkExposure(root, 'gateway'),
    ...checkExposure(root, 'control'),
    ...checkAnonymous(tree(gateway['anonymous'])),
    ...checkHeldBytes(tree(gateway['limits'])),
    ...(outside === null ? [] : checkTls(gateway['tls'], outside.readBeside)),
    ...checkTargets(bedrock, dimensions),
    ...checkDisconnect(bedrock['on_client_disconnect'], dimensions),
    ...(outside === null ? [] : checkTracesHeaders(root['telemetry'], outside.env)),
    ...checkDimensions(dimensions),
    ...checkKeys(root['keys'], dimensions, outside?.env ?? null),
    ...checkOwners(root['owners'], dimensions),
    ...checkRoutes(root, dimensions, targetRegions(bedrock)),
    ...checkGovernance(root, dimensions),
    ...checkBudgets(root['budgets'], dimensions),
    ...checkRetention(root),
    ...checkAlerts(root, dimensions, outside?.env ?? null),
    ...checkPrices(root['prices']),
    ...checkBilling(root, dimensions),
  ]
}

export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

function checkExposure(root: Tree, part: 'gateway' | 'control'): readonly PathFault[] {
  const { host, insecure, tls } = tree(root[part])
  if (typeof host !== 'string' || isLoopback(host) || insecure === true || isWritten(tls)) return []
  const message = `is not a loopback address; without TLS this needs ${part}.insecure: true`
  return [{ path: [part, 'host'], message }]
}

function checkAnonymous({ mode, from }: Tree): readonly PathFault[] {
  if (mode !== 'record' || !Array.isArray(from) || from.length > 0) return []
  const message = 'must name a network: mode record takes calls from nowhere else'
  return [{ path: ['gateway', 'anonymous', 'from'], message }]
}

function checkHeldBytes({ held_bytes: held, body_bytes: body }: Tree): readonly PathFault[] {
  const [room, largest] = [held ?? HELD_BYTES_DEFAULT, body ?? BODY_BYTES_DEFAULT]
  if (typeof room !== 'number' || typeof largest !== 'number' || room >= largest) return []
  const path = ['gateway', 'limits', isWritten(held) ? 'held_bytes' : 'body_bytes']
  return [{ path, message: 'held_bytes is less than body_bytes: a body of that size has no room' }]
}

function checkKeys(keys: unknown, dimensions: Tree, env: Env | null): readonly PathFault[] {
  const faults: PathFault[] = []
  const names = new Set<unknown>()
  const keyOfSecret = new Map<string, number>()
  for (const [index, value] of list(keys).entries()) {
    const { name, bind, secret_env: variable } = tree(value)
    if (name !== undefined && names.has(name)) {
      faults.push({ path: ['keys', index, 'name'], message: 'is the name of an earlier key' })
    }
    names.add(name)
    faults.push(...checkBound(['keys', index, 'bind'], bind, dimensions, 'credential'))
    if (env === null || typeof variable !== 'string') continue
    const secret = env[variable]
    const problem = secretProblem(variable, secret)
    const path = ['keys', index, 'secret_env']
    if (problem !== null) faults.push({ path, message: problem })
    else if (secret !== undefined) {
      const other = keyOfSecret.get(secret)
      if (other !== undefined) faults.push({ path, message: `the same secret as keys[${other}]` })
      keyOfSecret.set(secret, index)
    }
  }
  return faults
}

function secretProblem(variable: string, secret: string | undefined): string | null {
  if (secret === undefined) return `the environment variable ${variable} is not set`
  if (secret.length < SECRET_CHARS_MIN || secret.length > SECRET_CHARS_MAX) {
    return `the secret in ${variable} must have ${SECRET_CHARS_MIN} to ${SECRET_CHARS_MAX} characters`
  }
  if (!/^[\u0021-\u007e]+$/.test(secret)) {
    return `the secret in ${variable} must be ASCII without spaces: it travels in a header`
  }
  return secret.startsWith('lrk_') && parseKey(secret) === null
    ? `the secret in ${variable} looks like an lrk_ key, but its checksum is wrong`
    : null
}
