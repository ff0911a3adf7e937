// Asks STS for a session of the role that calls Bedrock, in the name of an owner. The trust policy of that role has to allow
// `sts:AssumeRole` and `sts:TagSession` to the gateway's own role; a session got this way lasts an hour at most (role chaining).

import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { MS_PER_SECOND } from '../kernel/time.ts'
import type { AssumeRole } from './session-lender.ts'
import type { CredentialSource } from './upstream-credentials.ts'

const DURATION_SECONDS = 3_600
const CONNECT_TIMEOUT_MS = 2 * MS_PER_SECOND
const ANSWER_TIMEOUT_MS = 5 * MS_PER_SECOND
const SESSION_ARN = /^arn:aws[a-z-]*:sts::(\d{12}):assumed-role\/[^/]+\/[^/]+$/

export type StsAccess = {
  readonly region: string
  readonly credentials: CredentialSource
  /** Null for AWS's own, or what `AWS_ENDPOINT_URL_STS` says. */
  readonly endpoint: string | null
}

export function createAssumeRole({ region, credentials, endpoint }: StsAccess): AssumeRole {
  const client = new STSClient({
    region,
    credentials,
    // Who calls knows better when to try again than a client that holds its place meanwhile.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === null ? {} : { endpoint }),
  })
  return async ({ roleArn, sessionName, tags }) => {
    const { Credentials, AssumedRoleUser } = await client.send(
      new AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        DurationSeconds: DURATION_SECONDS,
        ...(tags.length === 0 ? {} : { Tags: tags.map(([Key, Value]) => ({ Key, Value })) }),
      }),
    )
    const principalArn = AssumedRoleUser?.Arn ?? ''
    const [, accountId] = SESSION_ARN.exec(principalArn) ?? []
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {}
    if (accountId === undefined || Expiration === undefined) throw new Error(INCOMPLETE)
    if (AccessKeyId === undefined || SecretAccessKey === undefined) throw new Error(INCOMPLETE)
    if (SessionToken === undefined) throw new Error(INCOMPLETE)
    return {
      credentials: {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
      },
      expiresAtMs: Expiration.getTime(),
      principalArn,
      accountId,
    }
  }
}

const INCOMPLETE = 'STS answered AssumeRole without a whole session'
