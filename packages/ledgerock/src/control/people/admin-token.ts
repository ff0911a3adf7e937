// The first way in: a token for the user `admin`, made at first start and left in `<data>/admin-token` for the owner of the data
// directory. Whoever can read that file owns the installation anyway, so a file that is missing or no longer works is replaced.

import { readFileSync, statSync } from 'node:fs'
import type { KeyObject } from 'node:crypto'
import { mintKey } from '../../governance/credential/key-format.ts'
import { digestOfSecret } from '../../governance/credential/secret-digest.ts'
import { base62 } from '../../governance/credential/base62.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import type { Access } from './access.ts'
import type { ControlStore } from '../store/control-store.ts'
import { ADMIN_USER } from './access-person.ts'

const USER_ID_BYTES = 8
const USER_ID_CHARS = 12

export type AdminTokenDeps = {
  readonly store: ControlStore
  readonly access: Access
  readonly tokenKey: KeyObject
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
}

/**
 * Makes sure there is an admin and that the token in `path` (0600) works. Says whether a token was made: none is where somebody
 * disabled the user `admin`, which needs another admin to be there.
 */
export async function ensureAdminToken(
  deps: AdminTokenDeps,
  path: string,
): Promise<'made' | 'kept'> {
  const kept = readToken(path)
  if (kept !== null && (await deps.access.byToken(kept)) !== null) return 'kept'
  const { id, text } = mintKey(deps.random, 'lra')
  const at = isoTime(deps.clock.now())
  const isMade = await deps.store.write(async ({ access, audit }) => {
    let user = await access.findUser(ADMIN_USER)
    if (user === null && (await access.users()).some(({ name }) => name === ADMIN_USER)) {
      return false
    }
    if (user === null) {
      const userId = base62(deps.random(USER_ID_BYTES), USER_ID_CHARS)
      user = { userId, name: ADMIN_USER, role: 'admin', scope: null }
      await access.insertUser(user, at)
    }
    await access.insertToken({
      tokenId: id,
      userId: user.userId,
      name: 'admin-token',
      digest: digestOfSecret(deps.tokenKey, text).toString('hex'),
      createdAt: at,
      expiresAt: null,
    })
    const after = { token_id: id, name: 'admin-token' }
    await audit.append({
      actor: 'system',
      action: 'token.create',
      subject: ADMIN_USER,
      before: null,
      after,
    })
    return true
  })
  if (!isMade) return 'kept'
  // After the store: a file that is there holds a token that works.
  writeFileAtomically(path, `${text}\n`, 0o600)
  return 'made'
}

/** Null where the file is missing or others could have read it. */
function readToken(path: string): string | null {
  try {
    return (statSync(path).mode & 0o077) === 0 ? readFileSync(path, 'utf8').trim() : null
  } catch {
    return null
  }
}
