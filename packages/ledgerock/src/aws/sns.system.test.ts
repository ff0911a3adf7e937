// Publishing against a real implementation of SNS (moto), with a subscriber that is a real HTTP server.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { publishToSns, snsSubject } from './sns.ts'
import { freePort, hasMoto, listening, startMoto, type Moto } from './testing/moto.ts'

const MESSAGE = {
  subject: 'Ledgerock – warning:\nbudget',
  body: '{"id":"e1"}',
  attributes: { severity: 'warning' },
  groupId: 'a1',
  deduplicationId: 'e1',
}

describe('snsSubject', () => {
  it('[W22] is short ASCII on one line', () => {
    expect(snsSubject('a – b\nc')).toBe('a   b c')
    expect(snsSubject('x'.repeat(200))).toHaveLength(99)
    expect(snsSubject('äöü')).toBe('Ledgerock')
  })
})

describe.skipIf(!hasMoto())('publishToSns', () => {
  let moto: Moto
  let endpoint: string
  const notes: string[] = []
  const subscriber = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      notes.push(Buffer.concat(chunks).toString())
      response.end()
    })
  })
  beforeAll(async () => {
    const port = await freePort()
    moto = startMoto(port)
    endpoint = `http://127.0.0.1:${port}`
    await listening(endpoint)
    subscriber.listen(0, '127.0.0.1')
    await once(subscriber, 'listening')
    vi.stubEnv('AWS_ENDPOINT_URL_SNS', endpoint)
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    moto.stop()
    subscriber.close()
  })

  /** As an operator would set it up. */
  async function ask(parameters: Readonly<Record<string, string>>): Promise<string> {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261014/eu-west-1/sns/aws4_request, SignedHeaders=host, Signature=x',
      },
      body: new URLSearchParams({ Version: '2010-03-31', ...parameters }),
    })
    return answer.text()
  }
  async function newTopic(name: string, more: Readonly<Record<string, string>>): Promise<string> {
    const made = await ask({ Action: 'CreateTopic', Name: name, ...more })
    return /<TopicArn>(.*)<\/TopicArn>/.exec(made)?.[1] ?? made
  }

  it("[W22] reaches the topic's subscribers, in the topic's region", async () => {
    const topicArn = await newTopic('alerts', {})
    expect(topicArn).toMatch(/^arn:aws:sns:eu-west-1:/)
    const { port } = subscriber.address() as AddressInfo
    const Endpoint = `http://127.0.0.1:${port}/`
    await ask({ Action: 'Subscribe', TopicArn: topicArn, Protocol: 'http', Endpoint })
    await publishToSns({ ...MESSAGE, topicArn })
    expect(notes.map((note) => JSON.parse(note) as object)).toContainEqual(
      expect.objectContaining({ Message: '{"id":"e1"}', Subject: 'Ledgerock   warning: budget' }),
    )
  })

  it('[W22] a FIFO topic takes it with group and id, and a topic that is not there is a failure', async () => {
    const topicArn = await newTopic('alerts.fifo', {
      'Attributes.entry.1.key': 'FifoTopic',
      'Attributes.entry.1.value': 'true',
    })
    await publishToSns({ ...MESSAGE, topicArn })
    const missing = topicArn.replace('alerts', 'nothing')
    await expect(publishToSns({ ...MESSAGE, topicArn: missing })).rejects.toThrow(/does not exist/i)
  })
})
