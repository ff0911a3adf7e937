// Whom the bill will name: the account and principal behind the gateway's own credentials, asked of STS once in the background. A
// starting worker waits a moment for the first answer; a call never does, and one made before it carries no account, which
// matches any.

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { CredentialSource } from './upstream-credentials.ts'

export type CallerIdentity = {
  readonly accountId: string
  /** Null where only the account is known. */
  readonly principalArn: string | null
}

/** @throws what STS or the network says */
export async function askCallerIdentity(
  region: string,
  credentials: CredentialSource,
): Promise<CallerIdentity> {
  const client = new STSClient({ region, credentials, maxAttempts: 3 })
  try {
    const { Account, Arn } = await client.send(new GetCallerIdentityCommand({}))
    if (Account === undefined || Arn === undefined) throw new Error('STS named no account')
    return { accountId: Account, principalArn: Arn }
  } finally {
    client.destroy()
  }
}

export type IdentityInBackground = {
  /** Null until STS has answered. */
  readonly current: () => CallerIdentity | null
  /** STS has been asked once, with or without an answer. */
  readonly askedOnce: Promise<void>
  readonly stop: () => void
}

const RETRY_FIRST_MS = 1_000
const RETRY_MAX_MS = 5 * 60_000

/** Asks until it is answered, with growing pauses. */
export function findCallerIdentity(
  ask: () => Promise<CallerIdentity>,
  onFailure: (reason: string) => void,
): IdentityInBackground {
  let found: CallerIdentity | null = null
  let pauseMs = RETRY_FIRST_MS
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  function attempt(): Promise<void> {
    return ask().then(
      (identity) => {
        found = identity
      },
      (error: unknown) => {
        if (stopped) return
        onFailure(error instanceof Error ? error.message : String(error))
        timer = setTimeout(() => void attempt(), pauseMs)
        timer.unref()
        pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)
      },
    )
  }

  const askedOnce = attempt()
  return {
    current: () => found,
    askedOnce,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
