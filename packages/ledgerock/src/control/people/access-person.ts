// Who a name in the audit trail stands for where two people are asked for. The first admin's token lies in the data directory,
// and the command line works on that directory without a server: both are whoever holds it. And whoever makes an account, a token or a
// login link can be the one it is for, so each remembers who made it, and who made what it was made with.

import type { Actor } from './actor.ts'

export const ADMIN_USER = 'admin'

const HOLDER_NAMES: readonly string[] = [ADMIN_USER, 'command-line']

/** Whoever makes an account or a credential. */
export type Maker = Pick<Actor, 'name' | 'makers'>

export function personOf(name: string): string {
  return HOLDER_NAMES.includes(name) ? ADMIN_USER : name
}

/** What is remembered of something that this one makes. */
export function makersFor({ name, makers = [] }: Maker): readonly string[] {
  return [...new Set([name, ...makers])]
}

/** Whether `name` made the account or the credential of this one, or what those were made with. */
export function isMadeBy({ makers = [] }: Maker, name: string): boolean {
  return makers.some((maker) => personOf(maker) === personOf(name))
}
