// What the configuration file changed of the policy, for the audit trail: whoever raises a budget there is to be seen as well as whoever
// asks for it. Each node keeps what its file last said, so that a change made while it was down shows at its start. Secrets stay out;
// that one was replaced is told by a digest under the key of credentials, which is kept and never shown.

import type { KeyObject } from 'node:crypto'
import { DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { digestOfSecret } from '../../governance/credential/secret-digest.ts'
import type { DeclaredPolicy } from './declared-policy.ts'
import type { AuditEvent } from '../store/audit-chain.ts'
import { canonicalJson, type Json } from '../store/canonical-json.ts'
import type { ControlWrites } from '../store/control-store.ts'

/** Who a change through the file is by: the file does not say who wrote it. */
export const FILE_ACTOR = 'file'

type Sections = Readonly<Record<keyof DeclaredPolicy, Json>>

const NOTHING_SAID: DeclaredPolicy = {
  keys: [],
  dimensions: DEFAULT_DIMENSION_RULES,
  owners: [],
  anonymous: { mode: 'deny', from: [] },
  access: [],
  limits: [],
  guardrails: [],
  budgets: [],
}

export function declaredText(declared: DeclaredPolicy, pepper: KeyObject): string {
  return canonicalJson(sectionsOf(declared, pepper))
}

/** Writes an entry for each section in which `text` differs from what this node's file said before. */
export async function recordDeclared(
  { settings, audit }: Pick<ControlWrites, 'settings' | 'audit'>,
  nodeId: string,
  text: string,
  pepper: KeyObject,
): Promise<void> {
  const kept = await settings.get(`declared_by:${nodeId}`)
  if (kept === text) return
  const before = kept ?? declaredText(NOTHING_SAID, pepper)
  for (const event of changesBetween(before, text)) await audit.append(event)
  await settings.set(`declared_by:${nodeId}`, text)
}

function changesBetween(beforeText: string, afterText: string): readonly AuditEvent[] {
  const [before, after] = [JSON.parse(beforeText) as Sections, JSON.parse(afterText) as Sections]
  const names = Object.keys(after) as (keyof Sections)[]
  return names.flatMap((subject) => {
    const [was, is] = [before[subject] ?? null, after[subject]]
    if (canonicalJson(was) === canonicalJson(is)) return []
    const shown = subject === 'keys' ? keyStates(was, is) : { before: was, after: is }
    return [{ actor: FILE_ACTOR, action: 'policy.declare', subject, ...shown }]
  })
}

function sectionsOf(declared: DeclaredPolicy, pepper: KeyObject): Sections {
  const { mode } = declared.anonymous
  const keys = declared.keys.map(({ name, secret, bind, region }) => {
    return { name, bind, region, digest: digestOfSecret(pepper, secret).toString('hex') }
  })
  // All of it is data; a round through text leaves out what is not said.
  return JSON.parse(
    JSON.stringify({
      keys,
      dimensions: declared.dimensions,
      owners: declared.owners,
      // The networks of a mode that takes nobody are nobody's.
      anonymous: mode === 'deny' ? { mode } : declared.anonymous,
      access: declared.access,
      limits: declared.limits,
      guardrails: declared.guardrails,
      budgets: declared.budgets,
    }),
  ) as Sections
}

type KeptKey = { readonly name: string; readonly digest: string } & Readonly<Record<string, Json>>

/** Without digests; of a key whose secret is another, that it is. */
function keyStates(was: Json, is: Json): { readonly before: Json; readonly after: Json } {
  const [before, after] = [(was ?? []) as readonly KeptKey[], (is ?? []) as readonly KeptKey[]]
  const digests = new Map(before.map(({ name, digest }) => [name, digest]))
  return {
    before: before.map(({ digest: _digest, ...key }) => key),
    after: after.map(({ digest, ...key }) => {
      const isReplaced = (digests.get(key.name) ?? digest) !== digest
      return isReplaced ? { ...key, secret_replaced: true } : key
    }),
  }
}
