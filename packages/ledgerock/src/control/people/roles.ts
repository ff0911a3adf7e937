// Who may do what, as one table: every route names its action, and this table alone says which roles may do it and whether they
// see the whole or only the part within their scope. A role that is not named for an action may not do it.

export const ROLES = ['admin', 'finance', 'lead', 'viewer'] as const
export type Role = (typeof ROLES)[number]

export const ACTIONS = [
  'session.own',
  'session.link',
  'costs.read',
  'calls.read',
  'keys.read',
  'keys.manage',
  'rules.read',
  'policy.simulate',
  'pauses.manage',
  'access.ask',
  'access.decide',
  'budgets.manage',
  'budgets.ask',
  'budgets.decide',
  'leases.manage',
  'alerts.read',
  'alerts.handle',
  'alerts.sinks',
  'alerts.test',
  'prices.read',
  'prices.change',
  'owners.read',
  'owners.manage',
  'principals.read',
  'periods.read',
  'periods.close',
  'periods.reopen',
  'statements.read',
  'bill.read',
  'bill.manage',
  'imports.read',
  'imports.run',
  'outcomes.record',
  'users.manage',
  'audit.read',
  'verify',
  'repair',
  'metrics.read',
] as const
export type Action = (typeof ACTIONS)[number]

/** `own`: what lies within the scope of the user; everything else does not exist for him. */
export const EXTENTS = ['none', 'own', 'all'] as const
export type Extent = (typeof EXTENTS)[number]

type Row = Readonly<Record<Role, Extent>>

const EVERYONE: Row = { admin: 'all', finance: 'all', lead: 'all', viewer: 'all' }
const WHOLE_OR_OWN: Row = { admin: 'all', finance: 'all', lead: 'own', viewer: 'own' }
const WHOLE_ONLY: Row = { admin: 'all', finance: 'all', lead: 'none', viewer: 'none' }
const ADMIN_ONLY: Row = { admin: 'all', finance: 'none', lead: 'none', viewer: 'none' }
const ADMIN_OR_OWN: Row = { admin: 'all', finance: 'none', lead: 'own', viewer: 'none' }

export const ROLE_TABLE: Readonly<Record<Action, Row>> = {
  'session.own': EVERYONE,
  // A session outlives the token that asked for the link, so not everybody may trade one for the other.
  'session.link': ADMIN_ONLY,
  'costs.read': WHOLE_OR_OWN,
  'calls.read': WHOLE_OR_OWN,
  'keys.read': WHOLE_OR_OWN,
  'keys.manage': ADMIN_OR_OWN,
  'rules.read': WHOLE_OR_OWN,
  // Budgets cannot be tried on a part of the calls they count.
  'policy.simulate': WHOLE_ONLY,
  'pauses.manage': ADMIN_OR_OWN,
  'access.ask': ADMIN_OR_OWN,
  'access.decide': ADMIN_ONLY,
  'budgets.manage': { admin: 'all', finance: 'all', lead: 'own', viewer: 'none' },
  'budgets.ask': ADMIN_OR_OWN,
  'budgets.decide': ADMIN_ONLY,
  'leases.manage': ADMIN_ONLY,
  'alerts.read': WHOLE_OR_OWN,
  'alerts.handle': ADMIN_OR_OWN,
  'alerts.sinks': WHOLE_ONLY,
  'alerts.test': ADMIN_ONLY,
  // Prices tell what was negotiated for everybody, so they have no part that is a team's own.
  'prices.read': WHOLE_ONLY,
  'prices.change': WHOLE_ONLY,
  'owners.read': WHOLE_OR_OWN,
  // Whoever assigns an owner says whose dollars they are: that is for those who answer for all of them.
  'owners.manage': WHOLE_ONLY,
  'principals.read': WHOLE_OR_OWN,
  // Whether a month is closed is no secret; adjustments are shown to whom they concern.
  'periods.read': WHOLE_OR_OWN,
  'periods.close': WHOLE_ONLY,
  'periods.reopen': ADMIN_ONLY,
  // A bill is everybody's, so it has no part that is a team's own.
  'imports.read': WHOLE_ONLY,
  'statements.read': WHOLE_OR_OWN,
  'bill.read': WHOLE_ONLY,
  'bill.manage': WHOLE_ONLY,
  'imports.run': WHOLE_ONLY,
  // Programs tell them with their own keys, each of its own; whoever tells them for anybody sees the whole.
  'outcomes.record': WHOLE_ONLY,
  'users.manage': ADMIN_ONLY,
  'audit.read': WHOLE_ONLY,
  verify: WHOLE_ONLY,
  repair: ADMIN_ONLY,
  'metrics.read': WHOLE_ONLY,
}

export function extentOf(role: Role, action: Action): Extent {
  return ROLE_TABLE[action][role]
}

/** Whether users of this role have a scope: those who see a part must, the others cannot. */
export function hasScope(role: Role): boolean {
  return ACTIONS.some((action) => extentOf(role, action) === 'own')
}
