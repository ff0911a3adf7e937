// A store opened under another master key would refuse every credential without saying why. Its first opening leaves a check
// value behind; a key that does not reproduce it is refused at start.

import { timingSafeEqual, type KeyObject } from 'node:crypto'
import { digestOfSecret } from '../../governance/credential/secret-digest.ts'
import { Fault } from '../../kernel/fault.ts'
import type { ControlStore } from './control-store.ts'

/** @throws Fault `master_key_mismatch` */
export async function checkMasterKey(store: ControlStore, pepper: KeyObject): Promise<void> {
  const expected = digestOfSecret(pepper, 'ledgerock master key check')
  const kept = await store.write(async ({ settings }) => {
    const present = await settings.get('master_key_check')
    if (present === null) await settings.set('master_key_check', expected.toString('hex'))
    return present
  })
  if (kept === null) return
  const found = Buffer.from(kept, 'hex')
  if (found.length === expected.length && timingSafeEqual(found, expected)) return
  throw new Fault(
    'master_key_mismatch',
    'the control store was made under another master key; with this one no credential would work',
  )
}
