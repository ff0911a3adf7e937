// What is known in the house of a synthetic month: its accounts, the owner rules and tags of its principals with the times from
// which they hold, and the sessions its gateway makes.

import { DAY_MS, type Period } from './bill-options.ts'
import { NO_WORDS } from './bill-row.ts'
import type { Owner } from './bill-truth.ts'
import type { BillWorld, OwnerRule, PrincipalTag } from './bill-world.ts'
import {
  gatewaySession,
  MAIN,
  movedAtMs,
  OWNERS,
  PAYER,
  PRINCIPALS,
  PROFILE,
  PROJECT,
  RESEARCH,
  retaggedAtMs,
  TEAMS,
} from './month-callers.ts'

export function worldOf(period: Period): BillWorld {
  return {
    payerAccountId: PAYER,
    payerAccountName: 'Example payer',
    accounts: [
      { id: PAYER, name: 'payer', tags: NO_WORDS, costCategories: NO_WORDS },
      { id: MAIN, name: 'models', tags: NO_WORDS, costCategories: NO_WORDS },
      {
        id: RESEARCH,
        name: 'research-lab',
        tags: { team: 'research' },
        costCategories: { Team: 'research' },
      },
    ],
    gatewaySessions: new Map(TEAMS.map((team) => [gatewaySession(team), { team }])),
    gatewayPrincipals: new Set([PRINCIPALS.gateway]),
    sharedPrincipals: new Set([PRINCIPALS.shared]),
    ownerRules: rulesOf(period),
    principalTags: tagsOf(period),
    resourceTags: new Map([
      [PROFILE, { team: 'support' }],
      [PROJECT, { team: 'search' }],
    ]),
    tagsActiveFromMs: period.startMs + DAY_MS,
  }
}

function rulesOf(period: Period): readonly OwnerRule[] {
  const rule = (match: string, set: Owner, range: Partial<OwnerRule> = {}): OwnerRule => ({
    match,
    set,
    fromMs: null,
    toMs: null,
    ...range,
  })
  const [movedMs, retaggedMs] = [movedAtMs(period), retaggedAtMs(period)]
  const application = 'arn:aws:sts::*:assumed-role/search-api/*'
  return [
    rule(application, OWNERS.application, { toMs: movedMs }),
    rule(application, OWNERS.applicationSince, { fromMs: movedMs }),
    rule(PRINCIPALS.retagged, OWNERS.retagged, { toMs: retaggedMs }),
    rule(PRINCIPALS.retagged, OWNERS.retaggedSince, { fromMs: retaggedMs }),
    rule(`arn:aws:iam::${MAIN}:user/BedrockAPIKey-*`, OWNERS.apiKey),
    rule('arn:aws:sts::*:assumed-role/AWSReservedSSO_*/carol@example.com', OWNERS.workforce),
    rule(PRINCIPALS.role, OWNERS.role),
  ]
}

/** Each is shown some time after it was set. */
function tagsOf(period: Period): readonly PrincipalTag[] {
  const tag = (
    principal: string,
    team: string,
    setAtMs: number,
    lagHours: number,
  ): PrincipalTag => ({
    principal,
    tags: { team },
    setAtMs,
    shownFromMs: setAtMs + lagHours * 3_600_000,
  })
  return [
    tag(PRINCIPALS.retagged, 'research', period.startMs - 90 * DAY_MS, 24),
    tag(PRINCIPALS.tagged, 'research', period.startMs - 30 * DAY_MS, 24),
    tag(PRINCIPALS.retagged, 'support', retaggedAtMs(period), 31),
  ]
}
