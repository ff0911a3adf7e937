// What a changed file can change in a running system: what the policy carries, that is keys, owners, the rules of dimensions, of who
// may call what and how much, and who may call anonymously, reaches the workers at once, as do the overrides of prices; alerts,
// billing and imports reach control. Sockets, processes, stores and the way to Bedrock are set up once, when a process starts.

import { Secret } from './secret.ts'
import type { Config } from './settings/settings.ts'

/** Keys that only a restart takes over, as the file names them. */
const RESTART_KEYS: readonly (readonly [string, (config: Config) => unknown])[] = [
  ['data_dir', (config) => config.dataDir],
  ['LEDGEROCK_MASTER_KEY', (config) => config.masterKey?.reveal() ?? null],
  ['gateway.host', (config) => config.gateway.host],
  ['gateway.port', (config) => config.gateway.port],
  ['gateway.workers', (config) => config.gateway.workers],
  ['gateway.max_policy_age', (config) => config.gateway.maxPolicyAgeMs],
  ['gateway.drain_timeout', (config) => config.gateway.drainTimeoutMs],
  ['gateway.tls', (config) => JSON.stringify(config.gateway.tls)],
  ['gateway.audience', (config) => config.gateway.audience],
  ['gateway.limits', (config) => JSON.stringify(config.gateway.limits)],
  ['control.host', (config) => config.control.host],
  ['control.port', (config) => config.control.port],
  ['control.public_url', (config) => config.control.publicUrl],
  ['stores.ledger', ({ stores }) => storeText(stores.ledger)],
  ['stores.control', ({ stores }) => storeText(stores.control)],
  ['journal', (config) => JSON.stringify(config.journal)],
  ['retention', (config) => JSON.stringify(config.retention)],
  ['bedrock', (config) => JSON.stringify(config.bedrock)],
  ['telemetry', ({ telemetry }) => withSecrets(telemetry)],
  ['routes', (config) => JSON.stringify(config.routes)],
  // The ledger has a column for each dimension that was declared when it was opened.
  ['dimensions', (config) => JSON.stringify(config.dimensions.map(({ name }) => name))],
]

export function restartChanges(running: Config, wanted: Config): readonly string[] {
  return RESTART_KEYS.filter(([, read]) => read(running) !== read(wanted)).map(([key]) => key)
}

/**
 * What a running system may take over of `wanted`: keys, owners, prices, anonymous callers, rules of access, limits, guardrails,
 * budgets, alerts, billing, imports, and the rules of the dimensions it already has. Everything else stays as it is until a
 * restart, also for a process that is started again meanwhile.
 */
export function liveConfig(running: Config, wanted: Config): Config {
  const rules = new Map(wanted.dimensions.map((dimension) => [dimension.name, dimension]))
  return {
    ...running,
    gateway: { ...running.gateway, anonymous: wanted.gateway.anonymous },
    keys: wanted.keys,
    owners: wanted.owners,
    prices: wanted.prices,
    access: wanted.access,
    limits: wanted.limits,
    guardrails: wanted.guardrails,
    budgets: wanted.budgets,
    alerts: wanted.alerts,
    billing: wanted.billing,
    imports: wanted.imports,
    dimensions: running.dimensions.map((dimension) => rules.get(dimension.name) ?? dimension),
  }
}

export function sameConfig(left: Config, right: Config): boolean {
  return withSecrets(left) === withSecrets(right)
}

/** For comparison only: a changed secret is a changed configuration. */
function withSecrets(settings: object): string {
  return JSON.stringify(settings, function replace(this: Record<string, unknown>, key, value) {
    const held = this[key]
    return held instanceof Secret ? `secret ${held.reveal()}` : (value as unknown)
  })
}

function storeText(store: Config['stores']['ledger'] | Config['stores']['control']): string {
  return store.kind === 'embedded' ? store.kind : store.url.reveal()
}
