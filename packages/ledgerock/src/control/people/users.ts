// People: create, list, disable. A user's name stands in the audit trail, so it is given out once; whoever is disabled stays in
// the list and can do nothing from that moment on. At least one admin who can act always remains.

import type { ProblemError } from '@ledgerock/contract'
import { base62 } from '../../governance/credential/base62.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { makersFor, type Maker } from './access-person.ts'
import { unknownUser, type AccessProblem } from './access-problem.ts'
import { hasScope, type Role } from './roles.ts'
import { readScope, type UserScope, type WrittenScope } from './scope.ts'
import type { KnownUser } from '../store/access-tables.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore } from '../store/control-store.ts'

const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/
/** Who acts without being a user; the audit trail must not mix them up with one. */
const RESERVED_NAMES: readonly string[] = ['system', 'command-line']
const USER_ID_BYTES = 8
const USER_ID_CHARS = 12

export type NewUser = {
  readonly name: string
  readonly role: Role
  readonly scope: WrittenScope | null
  readonly reason: string | null
}

export type UserView = {
  readonly name: string
  readonly role: Role
  readonly scope: UserScope | null
  readonly created_at: string
  readonly disabled_at: string | null
}

export type UserService = {
  readonly create: (maker: Maker, user: NewUser) => Promise<Result<UserView, AccessProblem>>
  readonly list: () => Promise<readonly UserView[]>
  /** Disabling who is disabled changes nothing. */
  readonly disable: (
    actor: string,
    name: string,
    reason: string | null,
  ) => Promise<Result<UserView, AccessProblem>>
}

export type UserServiceDeps = {
  readonly store: ControlStore
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  /** Every fault of a scope for such a role, as `scope.<dimension>`. */
  readonly checkScope: (role: Role, scope: UserScope | null) => readonly ProblemError[]
}

export function createUserService(deps: UserServiceDeps): UserService {
  return {
    create: (maker, user) => createUser(deps, maker, user),
    list: async () => (await deps.store.read.access.users()).map(viewOf),
    disable: (actor, name, reason) => disableUser(deps, actor, name, reason),
  }
}

async function createUser(
  deps: UserServiceDeps,
  maker: Maker,
  input: NewUser,
): ReturnType<UserService['create']> {
  const { name, role, reason } = input
  const given = input.scope === null ? null : readScope(input.scope)
  const errors = [...nameErrors(name), ...deps.checkScope(role, given)]
  if (errors.length > 0) {
    return err({ code: 'invalid_request', detail: 'the user cannot be made like this', errors })
  }
  const at = isoTime(deps.clock.now())
  const user: KnownUser = {
    userId: base62(deps.random(USER_ID_BYTES), USER_ID_CHARS),
    name,
    role,
    // An empty scope is none.
    scope: hasScope(role) ? given : null,
    createdAt: at,
    disabledAt: null,
  }
  return deps.store.write(async ({ access, audit }) => {
    const known = (await access.users()).find((one) => one.name === name)
    if (known !== undefined) return err(nameTaken(known))
    await access.insertUser({ ...user, makers: makersFor(maker) }, at)
    const [actor, after] = [maker.name, facts(user)]
    await audit.append({ actor, action: 'user.create', subject: name, before: null, after, reason })
    return ok(viewOf(user))
  })
}

async function disableUser(
  deps: UserServiceDeps,
  actor: string,
  name: string,
  reason: string | null,
): ReturnType<UserService['disable']> {
  const at = isoTime(deps.clock.now())
  return deps.store.write(async ({ access, audit }) => {
    const users = await access.users()
    const user = users.find((one) => one.name === name)
    if (user === undefined) return err(unknownUser(name))
    if (user.disabledAt !== null) return ok(viewOf(user))
    const admins = users.filter((one) => one.role === 'admin' && one.disabledAt === null)
    if (user.role === 'admin' && admins.length === 1) return err(lastAdmin(name))
    await access.disableUser(user.userId, at)
    await access.endSessions(user.userId)
    const disabled = { ...user, disabledAt: at }
    const [before, after] = [facts(user), facts(disabled)]
    await audit.append({ actor, action: 'user.disable', subject: name, before, after, reason })
    return ok(viewOf(disabled))
  })
}

function nameErrors(name: string): readonly ProblemError[] {
  if (!USER_NAME.test(name)) {
    const message = 'must be 1 to 128 letters, digits, dots, dashes, underscores, @ or +'
    return [{ path: 'name', message }]
  }
  const isReserved = RESERVED_NAMES.includes(name)
  return isReserved ? [{ path: 'name', message: 'is kept for Ledgerock itself' }] : []
}

function viewOf(user: KnownUser): UserView {
  const { name, role, scope, createdAt, disabledAt } = user
  return { name, role, scope, created_at: createdAt, disabled_at: disabledAt }
}

function facts(user: KnownUser): Json {
  return { role: user.role, scope: user.scope, disabled_at: user.disabledAt }
}

const nameTaken = (known: KnownUser): AccessProblem => {
  const how = known.disabledAt === null ? 'in use' : 'a disabled user’s'
  return {
    code: 'user_name_taken',
    detail: `the name ${known.name} is ${how}; names stand in the audit trail and are given out once`,
    errors: [{ path: 'name', message: `is ${how}` }],
  }
}

const lastAdmin = (name: string): AccessProblem => ({
  code: 'last_admin',
  detail: `${name} is the last admin; make another one first`,
  errors: [],
})
