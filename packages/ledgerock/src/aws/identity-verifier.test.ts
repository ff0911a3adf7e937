import { beforeAll, describe, expect, it } from 'vitest'
import { createIdentityVerifier, type SendToSts, type StsAnswer } from './identity-verifier.ts'
import { AUDIENCE, encodeProof, SIGNED_AT, signedProof } from './testing/signed-identity.ts'

const MINUTE = 60_000
const ARN = 'arn:aws:iam::123456789012:user/alice'
const YES: StsAnswer = {
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify({
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: { Account: '123456789012', Arn: ARN, UserId: 'AIDA' },
    },
  }),
}
const NO: StsAnswer = { status: 403, contentType: 'text/xml', body: '<ErrorResponse/>' }
const VERIFIED = {
  kind: 'verified',
  principalArn: ARN,
  accountId: '123456789012',
  expiresAtMs: SIGNED_AT + 15 * MINUTE,
}
const REFUSED = { kind: 'refused', reason: 'sts_refused' }

function world(send: SendToSts) {
  let nowMs = SIGNED_AT
  let asked = 0
  const clock = { now: () => nowMs, monotonic: () => nowMs }
  const verifier = createIdentityVerifier({
    clock,
    audience: AUDIENCE,
    send: (request) => {
      asked += 1
      return send(request)
    },
    verdictsMax: 2,
    inFlightMax: 2,
    waitingMax: 1,
  })
  return { verifier, set: (ms: number) => (nowMs = ms), asked: () => asked }
}

let tokens: string[] = []

beforeAll(async () => {
  const proofs = [1, 2, 3, 4].map((number) =>
    signedProof({ headers: { 'x-amz-user-agent': `client/${number}` } }),
  )
  tokens = (await Promise.all(proofs)).map(encodeProof)
})

const token = (index: number): string => tokens[index] as string

describe('identity verifier', () => {
  it('[W8] asks STS once, however many calls wait, and then answers at once until the proof ends', async () => {
    const { verifier, set, asked } = world(() => Promise.resolve(YES))
    const first = [0, 0].map(async (index) => verifier.verify(token(index)))
    expect(await Promise.all(first)).toEqual([VERIFIED, VERIFIED])
    set(SIGNED_AT + 15 * MINUTE - 1)
    expect(verifier.verify(token(0))).toEqual(VERIFIED)
    expect(asked()).toBe(1)
    set(SIGNED_AT + 15 * MINUTE)
    expect(verifier.verify(token(0))).toEqual({ kind: 'refused', reason: 'expired' })
    expect(asked()).toBe(1)
  })

  it('[W8] a proof that cannot be right never reaches STS', () => {
    const { verifier, asked } = world(() => Promise.resolve(YES))
    expect(verifier.verify('e30')).toMatchObject({ kind: 'refused', reason: 'malformed' })
    const closed = createIdentityVerifier({
      clock: { now: () => SIGNED_AT, monotonic: () => 0 },
      audience: null,
      send: () => Promise.reject(new Error('never')),
    })
    expect(closed.verify(token(0))).toEqual({ kind: 'refused', reason: 'not_configured' })
    expect(asked()).toBe(0)
  })

  it('[W9] no of STS holds for a short while', async () => {
    let answer = NO
    const { verifier, set, asked } = world(() => Promise.resolve(answer))
    expect(await verifier.verify(token(0))).toEqual(REFUSED)
    answer = YES
    expect(verifier.verify(token(0))).toEqual(REFUSED)
    expect(asked()).toBe(1)
    set(SIGNED_AT + 15_000)
    expect(await verifier.verify(token(0))).toEqual(VERIFIED)
  })

  it.each([
    ['no connection', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['a broken STS', () => Promise.resolve({ ...NO, status: 500 })],
    ['too many requests', () => Promise.resolve({ ...NO, status: 429 })],
    ['throttling', () => Promise.resolve({ ...NO, status: 400, body: '<Code>Throttling</Code>' })],
    ['an answer to something else', () => Promise.resolve({ ...YES, body: '{}' })],
    ['a redirect', () => Promise.resolve({ ...YES, status: 302 })],
  ])('[W9] %s is no answer, and is forgotten', async (_name, send: SendToSts) => {
    let broken = true
    const { verifier } = world((request) => (broken ? send(request) : Promise.resolve(YES)))
    const verdict = verifier.verify(token(0))
    await expect(verdict).rejects.toMatchObject({ code: 'identity_unavailable', retryable: true })
    broken = false
    expect(await verifier.verify(token(0))).toEqual(VERIFIED)
  })

  it('[W10] only so many are asked at a time, and only so many wait', async () => {
    const answers: ((answer: StsAnswer) => void)[] = []
    const { verifier, asked } = world(() => new Promise((resolve) => answers.push(resolve)))
    const verdicts = [0, 1, 2].map(async (index) => verifier.verify(token(index)))
    expect(asked()).toBe(2)
    await expect(verifier.verify(token(3))).rejects.toMatchObject({ code: 'identity_unavailable' })
    answers[0]?.(YES)
    expect(await verdicts[0]).toEqual(VERIFIED)
    expect(asked()).toBe(3)
    answers[1]?.(NO)
    answers[2]?.(YES)
    expect(await Promise.all(verdicts)).toEqual([VERIFIED, REFUSED, VERIFIED])
  })

  it('[W10] remembers only so many, and a stranger cannot push out who is known', async () => {
    const good = new Set([token(0)])
    const { verifier, asked } = world(({ headers }) =>
      Promise.resolve(headers['x-amz-user-agent'] === 'client/1' ? YES : NO),
    )
    for (const one of tokens) await verifier.verify(one)
    expect(asked()).toBe(4)
    for (const one of good) expect(verifier.verify(one)).toEqual(VERIFIED)
    const all = world(() => Promise.resolve(YES))
    for (const index of [0, 1, 2]) await all.verifier.verify(token(index))
    expect(all.verifier.verify(token(2))).toEqual(VERIFIED)
    expect(all.verifier.verify(token(0))).toBeInstanceOf(Promise)
  })
})
