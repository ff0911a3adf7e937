// The gateway's own AWS credentials, always at hand: taken from the default provider chain once, then renewed in the
// background well before they expire, so that a call finds them in memory and waits only for the very first ones. While a
// renewal fails the old credentials serve on until they expire.

import { Fault } from '../kernel/fault.ts'
import { MS_PER_MINUTE, type Clock } from '../kernel/time.ts'

export type ExpiringCredentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

export type CredentialSource = () => Promise<ExpiringCredentials>

export type UpstreamCredentials = {
  /** What is at hand and still valid, else null: then `load` has to be awaited. */
  readonly current: () => ExpiringCredentials | null
  /** @throws Fault `identity_unavailable` */
  readonly load: () => Promise<ExpiringCredentials>
}

/** Renewal starts when half the remaining life is over, at the latest this long before the end. */
const RENEW_BEFORE_END_MS = 5 * MS_PER_MINUTE
const RENEW_RETRY_MS = 5_000
const EXPIRY_MARGIN_MS = 30_000

export function createUpstreamCredentials(
  clock: Clock,
  source: CredentialSource,
): UpstreamCredentials {
  let held: { readonly value: ExpiringCredentials; readonly renewAt: number } | null = null
  let loading: Promise<ExpiringCredentials> | null = null
  let retryAt = 0

  function load(): Promise<ExpiringCredentials> {
    loading ??= source()
      .then((value) => {
        const now = clock.now()
        const end = value.expiration?.getTime() ?? Number.POSITIVE_INFINITY
        const renewAt = Math.min(now + (end - now) / 2, end - RENEW_BEFORE_END_MS)
        held = { value, renewAt }
        return value
      })
      .catch((cause: unknown) => {
        retryAt = clock.now() + RENEW_RETRY_MS
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new Fault('identity_unavailable', `no AWS credentials: ${reason}`, {
          retryable: true,
          cause,
        })
      })
      .finally(() => {
        loading = null
      })
    return loading
  }

  return {
    current() {
      if (held === null) return null
      const now = clock.now()
      const end = held.value.expiration?.getTime() ?? Number.POSITIVE_INFINITY
      if (now >= end - EXPIRY_MARGIN_MS) return null
      // A failed renewal is not an error of this call: the credentials at hand are still good.
      if (now >= held.renewAt && now >= retryAt && loading === null) load().catch(() => undefined)
      return held.value
    },
    load,
  }
}
