// Carries a checked proof of identity to STS: one request, no redirects, a deadline, and a small answer. Where STS is reached by
// another way (a VPC endpoint, a proxy, a test), only the connection goes there; the request still names the host it was signed for.

import { request as sendRequest } from 'undici'
import { MS_PER_SECOND } from '../kernel/time.ts'
import type { IdentityRequest } from './identity-token.ts'
import type { SendToSts } from './identity-verifier.ts'

const TIMEOUT_MS = 5 * MS_PER_SECOND
const ANSWER_BYTES_MAX = 16_384

/** `deliverTo` is what `AWS_ENDPOINT_URL_STS` says, a path included; null for STS itself. */
export function createStsSender(deliverTo: string | null, timeoutMs = TIMEOUT_MS): SendToSts {
  const base = deliverTo?.replace(/\/+$/, '') ?? null
  return async ({ method, host, path, headers, body }: IdentityRequest) => {
    const answer = await sendRequest(`${base ?? `https://${host}`}${path}`, {
      method,
      headers,
      body: method === 'POST' ? body : null,
      signal: AbortSignal.timeout(timeoutMs),
    })
    const parts: Buffer[] = []
    let length = 0
    for await (const part of answer.body as AsyncIterable<Buffer>) {
      length += part.length
      if (length > ANSWER_BYTES_MAX) throw new Error('the answer is larger than any of STS')
      parts.push(part)
    }
    const contentType = answer.headers['content-type']
    return {
      status: answer.statusCode,
      contentType: typeof contentType === 'string' ? contentType : '',
      body: Buffer.concat(parts).toString('utf8'),
    }
  }
}
