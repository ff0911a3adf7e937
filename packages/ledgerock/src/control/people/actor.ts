// Who asks something of the control plane, once that is proved.

import type { Role } from './roles.ts'
import type { UserScope } from './scope.ts'

export type Actor = {
  /** As it stands in the audit trail. */
  readonly name: string
  readonly role: Role
  /** What a lead or viewer may see; null for those who see the whole. */
  readonly scope: UserScope | null
  readonly by: 'token' | 'session' | 'in-process'
  /** Who made the account and the credential, and what those were made with; left out: nobody else. */
  readonly makers?: readonly string[]
}
