// A guardrail that a scope's calls need: refused where the call does not name it, or put in where the API has a place for one, with
// not a byte else changed; AWS's own client before one worker's data plane.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  anthropicMessage,
  AWS_MODEL,
  chatCompletion,
  converse,
  invokeModel,
} from '../../test/support/refused-clients.ts'
import { asker, GUARDRAIL, of, placeOf, RULES } from './testing/governed-gateway.ts'
import { startRecordingUpstream, type RecordingUpstream } from './testing/recording-upstream.ts'
import { OPEN_KEY, startGateway, type RunningGateway } from './testing/running-gateway.ts'
import { settledLines } from './testing/settled-lines.ts'

const named = { guardrailIdentifier: GUARDRAIL.id, guardrailVersion: GUARDRAIL.version }

let gateway: RunningGateway
beforeAll(async () => {
  gateway = await startGateway({ policy: RULES })
})
afterAll(() => gateway.close())
const place = () => placeOf(gateway)
const ask = asker(() => gateway)

describe('a required guardrail', () => {
  it('[G18] is named by the call, on the routes that can', async () => {
    const wish = of('named-guard', { converse: { guardrailConfig: named } })
    expect(await converse(place(), wish)).toBeNull()
    expect((await ask('named-guard'))?.refusal).toBe('guardrail_required')
    const other = { converse: { guardrailConfig: { ...named, guardrailVersion: '2' } } }
    expect((await ask('named-guard', other))?.refusal).toBe('guardrail_required')
    const told = await chatCompletion(place(), of('named-guard'))
    expect(told).toMatchObject({ status: 403, refusal: 'guardrail_required' })
    expect(told?.message).toContain(GUARDRAIL.id)
  })
})

describe('an injected guardrail', () => {
  let upstream: RecordingUpstream
  let recorded: RunningGateway
  beforeAll(async () => {
    upstream = await startRecordingUpstream()
    recorded = await startGateway({ policy: RULES, endpoint: upstream.url })
  })
  afterAll(async () => {
    await recorded.close()
    await upstream.close()
  })

  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${recorded.url}${path}`, {
      method: 'POST',
      body,
      headers: {
        authorization: `Bearer ${OPEN_KEY}`,
        'content-type': 'application/json',
        'x-ledgerock-team': 'injected',
        ...headers,
      },
    })
  const body = '{"messages":[{"role":"user","content":[{"text":"Hello \\u00e4 there."}]}] }'

  it('[Y33] is put into a Converse call, and not a byte else is changed', async () => {
    const response = await post(`/model/${AWS_MODEL}/converse`, body)
    expect(response.status).toBe(200)
    const [sent] = upstream.take()
    const text = sent?.body.toString() ?? ''
    expect(JSON.parse(text)).toEqual({ ...JSON.parse(body), guardrailConfig: named })
    expect(text).toContain('"text":"Hello \\u00e4 there."')
    const [line] = await settledLines(recorded, 0, 1)
    expect(line?.settled?.changes).toContain('guardrail')
  })

  it('[Y33] is named in signed headers of an InvokeModel call, whose body stays as it is', async () => {
    const before = recorded.lines().length
    const response = await post(`/model/${AWS_MODEL}/invoke`, body)
    expect(response.status).toBe(200)
    const [sent] = upstream.take()
    expect(sent?.body.toString()).toBe(body)
    const headers = headersOf(sent)
    expect(headers['x-amzn-bedrock-guardrailidentifier']).toBe(GUARDRAIL.id)
    expect(headers['x-amzn-bedrock-guardrailversion']).toBe(GUARDRAIL.version)
    const signed = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]?.split(';')
    expect(signed).toEqual(
      expect.arrayContaining([
        'x-amzn-bedrock-guardrailidentifier',
        'x-amzn-bedrock-guardrailversion',
      ]),
    )
    const [line] = await settledLines(recorded, before, 1)
    expect(line?.settled?.changes).toContain('guardrail')
  })

  it('[Y33] is not put in where the call names it already, and no other takes its place', async () => {
    const before = recorded.lines().length
    const own = JSON.stringify({ ...(JSON.parse(body) as object), guardrailConfig: named })
    expect((await post(`/model/${AWS_MODEL}/converse`, own)).status).toBe(200)
    expect(upstream.take()[0]?.body.toString()).toBe(own)
    const [line] = await settledLines(recorded, before, 1)
    expect(line?.settled?.changes).not.toContain('guardrail')
    const other = JSON.stringify({
      ...(JSON.parse(body) as object),
      guardrailConfig: { guardrailIdentifier: 'zzz', guardrailVersion: '1' },
    })
    const refused = await post(`/model/${AWS_MODEL}/converse`, other)
    expect(refused.headers.get('x-ledgerock-refusal')).toBe('guardrail_required')
    expect(upstream.take()).toEqual([])
  })

  it('[Y33] is taken for what AWS’s own client sends', async () => {
    expect(await invokeModel(placeOf(recorded), of('injected'))).toBeNull()
    const [sent] = upstream.take()
    expect(headersOf(sent)['x-amzn-bedrock-guardrailidentifier']).toBe(GUARDRAIL.id)
    expect(await invokeModel(placeOf(recorded), of('named-guard'), named)).toBeNull()
    expect((await invokeModel(placeOf(recorded), of('named-guard')))?.refusal).toBe(
      'guardrail_required',
    )
    upstream.take()
  })

  it('[Y33] has no place on the routes of OpenAI and Anthropic, which are refused', async () => {
    for (const call of [chatCompletion, anthropicMessage]) {
      const told = await call(placeOf(recorded), of('injected'))
      expect(told).toMatchObject({ status: 403, refusal: 'guardrail_required' })
    }
    expect(upstream.take()).toEqual([])
  })
})

type Sent = ReturnType<RecordingUpstream['take']>[number] | undefined

function headersOf(sent: Sent): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (sent?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
