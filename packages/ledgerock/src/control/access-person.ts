// Who a name in the audit trail stands for where two people are asked for. The first admin's token lies in the data directory,
// and the command line works on that directory without a server: both are whoever holds it.

import { ADMIN_USER } from './admin-token.ts'

const HOLDER_NAMES: readonly string[] = [ADMIN_USER, 'command-line']

export function personOf(name: string): string {
  return HOLDER_NAMES.includes(name) ? ADMIN_USER : name
}
