// Sessions of one role, told from their ARN. A role that makes a new session name for every request would be a caller for every
// request: past a bound its sessions are looked at as one, `…/role/*`.

import { classifyPrincipal } from '../../attribution/principal.ts'

/** So many sessions of one role in the time asked about are looked at one by one. */
export const SESSIONS_MAX = 100
/** Past so many nobody counts on. */
const COUNTED_MAX = 100_000

/** `arn:…:assumed-role/name/*`; null for what is no session of a role, and for people, each of whom is somebody. */
export function roleOfSession(arn: string): string | null {
  const { kind, session } = classifyPrincipal(arn)
  const isCounted = kind === 'role_session' || kind === 'gateway_session'
  return isCounted && session !== null ? `${arn.slice(0, -session.length)}*` : null
}

export type SessionCounter = {
  /** The role, once it has too many; else the principal itself. */
  readonly nameOf: (arn: string) => string
  /** Of a role, by its name; 1 for what is none. */
  readonly countOf: (name: string) => number
}

/** Counts as it is asked: a role may be folded from one question on. `onFold` hears it, with the sessions seen until then. */
export function sessionCounter(
  onFold: (role: string, sessions: readonly string[]) => void,
  sessionsMax: number = SESSIONS_MAX,
): SessionCounter {
  const roles = new Map<string, Set<string>>()
  return {
    nameOf(arn) {
      const role = roleOfSession(arn)
      if (role === null) return arn
      const sessions = roles.get(role) ?? new Set<string>()
      roles.set(role, sessions)
      const before = sessions.size
      if (before < COUNTED_MAX) sessions.add(arn)
      if (before <= sessionsMax && sessions.size > sessionsMax) onFold(role, [...sessions])
      return sessions.size > sessionsMax ? role : arn
    },
    countOf: (name) => (name.endsWith('/*') ? (roles.get(name)?.size ?? 1) : 1),
  }
}
