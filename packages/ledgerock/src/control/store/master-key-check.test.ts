import { createSecretKey, randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { checkMasterKey } from './master-key-check.ts'
import { startControlPlane } from '../testing/control-plane.ts'

it('[C8] a store opens only under the master key it was made with', async () => {
  const { store, stop } = await startControlPlane()
  const pepper = createSecretKey(randomBytes(32))
  await checkMasterKey(store, pepper)
  await expect(checkMasterKey(store, pepper)).resolves.toBeUndefined()
  const other = createSecretKey(randomBytes(32))
  await expect(checkMasterKey(store, other)).rejects.toMatchObject({ code: 'master_key_mismatch' })
  await stop()
})
