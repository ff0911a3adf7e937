// The real client of the AWS SDK against a small control plane of our own: what is asked, and what answers come to.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProfileAsker, type ProfileTarget } from './ask-inference-profile.ts'

const ACCOUNT = '123456789012'
const arn = (id: string, region = 'us-east-1', account = ACCOUNT): string =>
  `arn:aws:bedrock:${region}:${account}:application-inference-profile/${id}`

const PROFILE = {
  inferenceProfileName: 'team-search',
  inferenceProfileArn: arn('good'),
  inferenceProfileId: 'good',
  status: 'ACTIVE',
  type: 'APPLICATION',
  createdAt: '2026-11-01T00:00:00Z',
  models: [
    { modelArn: 'arn:aws:bedrock:::foundation-model/anthropic.claude-sonnet-4-6' },
    { modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6' },
  ],
}
const ERRORS: Readonly<Record<string, readonly [status: number, type: string]>> = {
  gone: [404, 'ResourceNotFoundException'],
  bad: [400, 'ValidationException'],
  denied: [403, 'AccessDeniedException'],
}

describe('asking about inference profiles', () => {
  let server: Server
  let endpoint = ''
  const seen: { path: string; authorization: string }[] = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? '')
      seen.push({ path, authorization: request.headers.authorization ?? '' })
      const [status, type] = ERRORS[path.slice(path.lastIndexOf('/') + 1)] ?? [200, '']
      response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type })
      response.end(JSON.stringify(status === 200 ? PROFILE : { message: type }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  const target = (accountId: string | null, accessKeyId: string): ProfileTarget => ({
    region: 'us-east-1',
    accountId,
    endpoint,
    credentials: () => Promise.resolve({ accessKeyId, secretAccessKey: 's' }),
  })

  it('[W16] reads the model behind a profile', async () => {
    const { ask, close } = createProfileAsker([target(ACCOUNT, 'AKIAONE')])
    expect(await ask(arn('good'))).toEqual({
      modelId: 'global.anthropic.claude-sonnet-4-6',
      source: 'profile',
    })
    expect(seen.at(-1)?.path).toBe(`/inference-profiles/${arn('good')}`)
    close()
  })

  it('[W18] a no is an answer; a permission that is missing is a fault', async () => {
    const { ask, close } = createProfileAsker([target(ACCOUNT, 'AKIAONE')])
    expect(await ask(arn('gone'))).toBe('unresolvable')
    expect(await ask(arn('bad'))).toBe('unresolvable')
    await expect(ask(arn('denied'))).rejects.toThrow('AccessDeniedException')
    close()
  })

  it('[W17] asks with the credentials of the profile’s account, and in no region of the caller’s choice', async () => {
    const other = '210987654321'
    const { ask, close } = createProfileAsker([
      target(other, 'AKIATWO'),
      target(ACCOUNT, 'AKIAONE'),
    ])
    await ask(arn('good'))
    expect(seen.at(-1)?.authorization).toContain('Credential=AKIAONE/')
    await ask(arn('good', 'us-east-1', other))
    expect(seen.at(-1)?.authorization).toContain('Credential=AKIATWO/')
    const before = seen.length
    expect(await ask(arn('good', 'eu-west-1'))).toBe('unresolvable')
    expect(await ask('arn:aws:bedrock:evil:1:inference-profile/x')).toBe('unresolvable')
    expect(seen).toHaveLength(before)
    close()
  })
})
