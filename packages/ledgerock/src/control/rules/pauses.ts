// The kill switch: pause and resume a scope. A pause is durable before anybody is told of it, and the answer comes when every
// connected worker refuses such calls, naming those that did not say so. What an admin paused only an admin resumes.

import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import { base62 } from '../../governance/credential/base62.ts'
import { scopeText, type RuleScope } from '../../governance/rule-scope.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { Actor } from '../people/actor.ts'
import { governanceProblem, type GovernanceProblem } from './governance-problem.ts'
import { checkRuleScope, concerns, scopeFaults, shownTo } from './governed-scope.ts'
import type { Delivery, PolicyPublisher } from '../policy/policy-publisher.ts'
import { readScope, sameScope, type WrittenScope } from '../people/scope.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredPause } from '../store/pause-table.ts'

/** Each call is held against every one of them. */
export const PAUSES_MAX = 1_000
export const ID_BYTES = 8
export const ID_CHARS = 12

export type Asker = Pick<Actor, 'name' | 'role' | 'scope' | 'makers'>

export type NewPause = { readonly scope: WrittenScope; readonly reason: string | null }

export type PauseView = {
  readonly pause_id: string
  readonly scope: RuleScope
  readonly reason: string | null
  readonly paused_at: string
  readonly paused_by: string
}

export type PauseService = {
  /** Those in force that concern the asker, oldest first. */
  readonly list: (own: Asker['scope']) => Promise<readonly PauseView[]>
  /** Pausing what is paused asks the workers again; an admin takes a lead's pause over. */
  readonly pause: (
    asker: Asker,
    pause: NewPause,
  ) => Promise<Result<PauseView & Delivery, GovernanceProblem>>
  readonly resume: (
    asker: Asker,
    pauseId: string,
    reason: string | null,
  ) => Promise<Result<PauseView & { readonly resumed_at: string } & Delivery, GovernanceProblem>>
}

export type PauseServiceDeps = {
  readonly store: ControlStore
  readonly publisher: Pick<PolicyPublisher, 'publish'>
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  readonly rules: () => DimensionRules
}

export function createPauseService(deps: PauseServiceDeps): PauseService {
  return {
    async list(own) {
      const pauses = await deps.store.read.pauses.inForce()
      return pauses
        .filter(({ scope }) => concerns(own, scope))
        .map((pause) => ({ ...viewOf(pause), scope: shownTo(own, pause.scope) }))
    },
    pause: (asker, pause) => pauseScope(deps, asker, pause),
    resume: (asker, pauseId, reason) => resumeScope(deps, asker, pauseId, reason),
  }
}

async function pauseScope(
  deps: PauseServiceDeps,
  asker: Asker,
  { scope: written, reason }: NewPause,
): ReturnType<PauseService['pause']> {
  const scope = readScope(written)
  const errors = checkRuleScope(deps.rules(), scope)
  if (errors.length > 0) {
    return err(governanceProblem('invalid_request', 'this cannot be paused', errors))
  }
  const outside = scopeFaults(asker.scope, scope)
  if (outside.length > 0) return err(outsideScope(outside))
  const wanted: StoredPause = {
    pauseId: base62(deps.random(ID_BYTES), ID_CHARS),
    scope,
    reason,
    pausedAt: isoTime(deps.clock.now()),
    pausedBy: asker.name,
    pausedByRole: asker.role,
  }
  const paused = await deps.store.write(async ({ pauses, audit }) => {
    const inForce = await pauses.inForce()
    const same = inForce.find((one) => sameScope(one.scope, scope))
    const takesOver = asker.role === 'admin' && same?.pausedByRole !== 'admin'
    if (same !== undefined && !takesOver) return ok(same)
    if (inForce.length >= PAUSES_MAX) return err(tooMany())
    if (same !== undefined) await pauses.resume(same.pauseId, wanted.pausedAt, asker.name)
    await pauses.insert(wanted)
    const before = same === undefined ? null : facts(same, null)
    await audit.append({
      actor: asker.name,
      action: 'pause.set',
      subject: scopeText(scope),
      before,
      after: facts(wanted, null),
      reason,
    })
    return ok(wanted)
  })
  if (!paused.ok) return paused
  return ok({ ...viewOf(paused.value), ...(await deps.publisher.publish()) })
}

async function resumeScope(
  deps: PauseServiceDeps,
  asker: Asker,
  pauseId: string,
  reason: string | null,
): ReturnType<PauseService['resume']> {
  const at = isoTime(deps.clock.now())
  const resumed = await deps.store.write(async ({ pauses, audit }) => {
    const pause = (await pauses.inForce()).find((one) => one.pauseId === pauseId)
    if (pause === undefined || !concerns(asker.scope, pause.scope)) return err(unknown(pauseId))
    const outside = scopeFaults(asker.scope, pause.scope)
    if (outside.length > 0) return err(outsideScope(outside))
    if (pause.pausedByRole === 'admin' && asker.role !== 'admin') return err(byAdmin(pause))
    await pauses.resume(pauseId, at, asker.name)
    await audit.append({
      actor: asker.name,
      action: 'pause.end',
      subject: scopeText(pause.scope),
      before: facts(pause, null),
      after: facts(pause, at),
      reason,
    })
    return ok(pause)
  })
  if (!resumed.ok) return resumed
  return ok({ ...viewOf(resumed.value), resumed_at: at, ...(await deps.publisher.publish()) })
}

function viewOf(pause: StoredPause): PauseView {
  const { pauseId, scope, reason, pausedAt, pausedBy } = pause
  return { pause_id: pauseId, scope, reason, paused_at: pausedAt, paused_by: pausedBy }
}

function facts(pause: StoredPause, resumedAt: string | null): Json {
  return { pause_id: pause.pauseId, scope: pause.scope, resumed_at: resumedAt }
}

const unknown = (pauseId: string): GovernanceProblem =>
  governanceProblem('pause_unknown', `no pause in force has the id ${pauseId}`)
const outsideScope = (errors: GovernanceProblem['errors']): GovernanceProblem =>
  governanceProblem('forbidden', 'this reaches beyond your scope', errors)
const byAdmin = ({ pausedBy }: StoredPause): GovernanceProblem =>
  governanceProblem('paused_by_admin', `${pausedBy} paused this as admin; only an admin resumes it`)
const tooMany = (): GovernanceProblem =>
  governanceProblem('too_many_pauses', `${PAUSES_MAX} pauses are in force; resume some first`)
