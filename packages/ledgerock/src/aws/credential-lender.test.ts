import { describe, expect, it } from 'vitest'
import type { CallerIdentity } from './caller-identity.ts'
import { createGatewayLender } from './credential-lender.ts'
import type { ExpiringCredentials } from './upstream-credentials.ts'

const FIRST: ExpiringCredentials = { accessKeyId: 'A', secretAccessKey: 's' }
const NEXT: ExpiringCredentials = { accessKeyId: 'B', secretAccessKey: 's' }

describe('gateway lender', () => {
  it('[W20] lends the same to everybody, and says whom the bill will name once it is known', async () => {
    let held: ExpiringCredentials | null = null
    let identity: CallerIdentity | null = null
    const lender = createGatewayLender(
      { current: () => held, load: () => Promise.resolve(FIRST) },
      () => identity,
    )
    expect(lender.current({ team: 'search' })).toBeNull()
    const loaded = await lender.load({ team: 'search' })
    expect(loaded).toEqual({
      credentials: FIRST,
      accountId: null,
      principalArn: null,
      fellBack: false,
    })
    held = FIRST
    // Nothing changed, so nothing is made anew.
    expect(lender.current({ team: 'support' })).toBe(loaded)
    identity = { accountId: '1', principalArn: 'arn' }
    expect(lender.current({})).toMatchObject({ accountId: '1', principalArn: 'arn' })
    expect(lender.current({})).toBe(lender.current({}))
    held = NEXT
    expect(lender.current({})?.credentials).toBe(NEXT)
  })
})
