// More calls than a worker takes, and clients that are slow on purpose: the rest is served, refusals are quick and in good form, and
// every place that was taken is given back, however a call ends.

import { once } from 'node:events'
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { defaultRule } from '../../attribution/dimension-rule.ts'
import type { IdentityVerdict } from '../../aws/identity-verifier.ts'
import { startHeldUpstream, type HeldCall, type HeldUpstream } from '../testing/held-upstream.ts'
import { CLIENT_PROTOCOLS, createLeavingClients } from '../testing/leaving-client.ts'
import { nothingHeld, SOON } from '../testing/nothing-held.ts'
import { post, type Answer } from '../testing/post.ts'
import { OPEN_KEY, startGateway, type RunningGateway } from '../testing/running-gateway.ts'

const CONVERSE = '/model/us.anthropic.claude-sonnet-4-6/converse'
const BODY = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'Hello there.' }] }] })
const CALLS_MAX = 5

let upstream: HeldUpstream
let gateway: RunningGateway
afterEach(() => nothingHeld(gateway))

function answer(call: HeldCall): void {
  call.head(200, { 'content-type': 'application/json' })
  call.write(Buffer.from('{"usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7}}'))
  call.end()
}

describe('a worker with as many calls as it may have', () => {
  beforeAll(async () => {
    upstream = await startHeldUpstream()
    gateway = await startGateway({ endpoint: upstream.url, callsMax: CALLS_MAX })
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
  })
  const ask = (path = CONVERSE): Promise<Answer> => post(gateway, path, BODY)
  const arrive = (count: number): Promise<HeldCall[]> =>
    Promise.all(Array.from({ length: count }, () => upstream.next()))

  it('[Y25] refuses the next one in the shape of its route, and takes one as soon as one has ended', async () => {
    const running = Array.from({ length: CALLS_MAX }, () => ask())
    const calls = await arrive(CALLS_MAX)
    for (const [path, field] of [
      [CONVERSE, 'message'],
      ['/openai/v1/chat/completions', 'error'],
      ['/anthropic/v1/messages', 'error'],
    ] as const) {
      const refused = await ask(path)
      expect([refused.status, refused.headers['x-ledgerock-refusal']]).toEqual([503, 'overload'])
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
      expect(JSON.parse(refused.body.toString())).toHaveProperty(field)
    }
    expect(gateway.held().calls).toBe(CALLS_MAX)
    answer(calls.pop() as HeldCall)
    await Promise.race(running)
    await expect.poll(() => gateway.held().calls, SOON).toBe(CALLS_MAX - 1)
    const another = ask()
    answer(await upstream.next())
    expect((await another).status).toBe(200)
    for (const call of calls) answer(call)
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual(
      Array(CALLS_MAX).fill(200),
    )
  })

  it('[Y25] serves what it took of a burst, and after it everything again', async () => {
    const burst = Array.from({ length: 10 * CALLS_MAX }, () => ask())
    const calls = await arrive(CALLS_MAX)
    let refused = 0
    for (const asked of burst) void asked.then(({ status }) => (refused += Number(status === 503)))
    await expect.poll(() => refused, SOON).toBe(9 * CALLS_MAX)
    for (const call of calls) answer(call)
    const served = (await Promise.all(burst)).filter(({ status }) => status === 200)
    expect(served).toHaveLength(CALLS_MAX)
    for (let n = 0; n < 3 * CALLS_MAX; n += 1) {
      await nothingHeld(gateway)
      const asked = ask()
      answer(await upstream.next())
      expect((await asked).status).toBe(200)
    }
  })
})

describe('the place of a call is given back', () => {
  let verdict: PromiseWithResolvers<IdentityVerdict>
  let asked = 0
  const IDENTITY = { 'x-ledgerock-aws-identity': 'a-proof' }

  beforeAll(async () => {
    upstream = await startHeldUpstream()
    gateway = await startGateway({
      endpoint: upstream.url,
      // One place for all of this: a single one that is lost would show at once.
      callsMax: 1,
      bodyBytesMax: 1_000,
      dimensions: [{ ...defaultRule('environment'), values: ['prod'] }],
      identities: {
        verify() {
          asked += 1
          return verdict.promise
        },
      },
    })
  })
  afterAll(async () => {
    await gateway.close()
    await upstream.close()
  })
  afterEach(async () => {
    await nothingHeld(gateway)
    const asking = post(gateway, CONVERSE, BODY)
    answer(await upstream.next())
    await asking
  })

  const key = { authorization: `Bearer ${OPEN_KEY}` }
  it.each([
    ['no credential', CONVERSE, BODY, { authorization: '' }, 403],
    ['a wrong credential', CONVERSE, BODY, { authorization: 'Bearer wrong' }, 403],
    ['no such route', '/nowhere', BODY, key, 404],
    [
      'a route that is not there yet',
      CONVERSE.replace('converse', 'invoke-with-bidirectional-stream'),
      BODY,
      key,
      501,
    ],
    ['a malformed body', CONVERSE, '{"messages":', key, 400],
    ['a region nobody serves', `/region/eu-west-9${CONVERSE}`, BODY, key, 400],
    ['a body that is too large', CONVERSE, 'x'.repeat(2_000), key, 413],
    ['an invalid dimension', CONVERSE, BODY, { ...key, 'x-ledgerock-environment': 'moon' }, 400],
  ])('[Y6] [Y25] by %s', async (_what, path, body, headers, status) => {
    expect((await post(gateway, path, body, headers)).status).toBe(status)
  })

  it('[Y6] [Y25] by a refusal of a worker that drains, or whose journal is full', async () => {
    gateway.setDraining(true)
    expect((await post(gateway, CONVERSE, BODY)).headers['x-ledgerock-refusal']).toBe('draining')
    gateway.setDraining(false)
    gateway.setJournalFull(true)
    const full = await post(gateway, CONVERSE, BODY)
    expect(full.headers['x-ledgerock-refusal']).toBe('journal_unavailable')
    gateway.setJournalFull(false)
  })

  it('[Y6] [Y25] by bodies that are larger than they said, or than they may be', async () => {
    const socket = connect(gateway.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      `POST ${CONVERSE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPEN_KEY}\r\n` +
        `transfer-encoding: chunked\r\n\r\n800\r\n${'x'.repeat(2_048)}\r\n`,
    )
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    expect(chunk.toString()).toContain('413')
    socket.destroy()
  })

  it.each(CLIENT_PROTOCOLS)(
    '[Y6] [Y25] by a client that leaves in its body over %s',
    async (how) => {
      for (let n = 0; n < 3; n += 1) {
        const leave = openHalfCall(how)
        await expect.poll(() => gateway.held().calls, SOON).toBe(1)
        leave()
        await expect.poll(() => gateway.held().calls, SOON).toBe(0)
      }
    },
  )

  it.each(CLIENT_PROTOCOLS)(
    '[Y6] [Y17] [Y25] by a client that leaves while STS is asked who it is, over %s',
    async (how) => {
      const clients = createLeavingClients(gateway.url, how, IDENTITY)
      for (const outcome of ['verified', 'refused', 'unavailable'] as const) {
        verdict = Promise.withResolvers()
        const before = asked
        const client = clients.ask(CONVERSE, BODY)
        await expect.poll(() => asked, SOON).toBe(before + 1)
        client.leave()
        // Another call on the same connection, or a connection of its own, shows that the leave has been heard.
        await post(gateway, '/nowhere', BODY)
        await settleVerdict(outcome)
      }
      clients.close()
    },
  )

  it.each(['verified', 'refused', 'unavailable'] as const)(
    '[Y6] [Y17] [Y25] after STS was asked, and said: %s',
    async (outcome) => {
      verdict = Promise.withResolvers()
      const before = asked
      const clients = createLeavingClients(gateway.url, 'http/1.1', IDENTITY)
      const client = clients.ask(CONVERSE, BODY)
      await expect.poll(() => asked, SOON).toBe(before + 1)
      await settleVerdict(outcome)
      if (outcome === 'verified') answer(await upstream.next())
      const statuses = { verified: 200, refused: 403, unavailable: 503 }
      expect(await client.answered).toBe(statuses[outcome])
    },
  )

  it('[Y6] [Y25] by clients that leave with calls behind one another on a connection', async () => {
    const roomy = await startGateway({ endpoint: upstream.url })
    const one =
      `POST ${CONVERSE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPEN_KEY}\r\n` +
      `content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`
    const socket = connect(roomy.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(one + one + one)
    const calls = [await upstream.next(), await upstream.next(), await upstream.next()]
    expect(roomy.held().calls).toBe(3)
    socket.destroy()
    await expect.poll(() => roomy.held().calls, SOON).toBe(0)
    for (const call of calls) answer(call)
    await expect
      .poll(() => roomy.lines().map(({ settled }) => settled?.interruptedBy), SOON)
      .toEqual(['client', 'client', 'client'])
    await nothingHeld(roomy)
    await roomy.close()
  })

  async function settleVerdict(outcome: 'verified' | 'refused' | 'unavailable'): Promise<void> {
    const principalArn = 'arn:aws:sts::123456789012:assumed-role/app/session'
    const accountId = '123456789012'
    if (outcome === 'verified') {
      verdict.resolve({
        kind: 'verified',
        principalArn,
        accountId,
        expiresAtMs: Date.now() + 60_000,
      })
    } else if (outcome === 'refused') verdict.resolve({ kind: 'refused', reason: 'expired' })
    else verdict.reject(new Error('STS is away'))
    await verdict.promise.catch(() => undefined)
  }
})

/** A call whose head and half of whose body are here; what comes back ends it. */
function openHalfCall(how: (typeof CLIENT_PROTOCOLS)[number]): () => void {
  if (how === 'http/1.1') {
    const socket = connect(gateway.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      `POST ${CONVERSE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPEN_KEY}\r\n` +
        `content-length: ${BODY.length}\r\n\r\n${BODY.slice(0, 10)}`,
    )
    return () => socket.destroy()
  }
  const session = connectHttp2(gateway.url)
  session.on('error', () => undefined)
  const stream = session.request({
    ':method': 'POST',
    ':path': CONVERSE,
    authorization: `Bearer ${OPEN_KEY}`,
  })
  stream.on('error', () => undefined)
  stream.write(BODY.slice(0, 10))
  return () => {
    stream.close(constants.NGHTTP2_CANCEL)
    stream.on('close', () => session.destroy())
  }
}

describe('connections that are slow on purpose', () => {
  const SLOW = 60

  beforeAll(async () => {
    gateway = await startGateway({ limits: { headerTimeoutMs: 400, bodyTimeoutMs: 400 } })
  })
  afterAll(() => gateway.close())

  it('[Y2] [Y21] are cut, and everybody beside them is served', async () => {
    const head = `POST ${CONVERSE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${OPEN_KEY}\r\n`
    const openings = [
      '',
      'POST /mod',
      head,
      `${head}content-length: 100\r\n\r\n`,
      `${head}content-length: 100\r\n\r\n{"messages"`,
      'PRI * HTTP/2',
    ]
    const sockets: Socket[] = []
    const cut: Promise<unknown>[] = []
    for (let n = 0; n < SLOW; n += 1) {
      const socket = connect(gateway.port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.resume()
      cut.push(once(socket, 'close'))
      socket.write(openings[n % openings.length] as string)
      sockets.push(socket)
    }
    const session = connectHttp2(gateway.url)
    const healthy = Array.from({ length: 40 }, (_, n) =>
      n % 2 === 0 ? post(gateway, CONVERSE, BODY).then(({ status }) => status) : overHttp2(session),
    )
    expect(await Promise.all(healthy)).toEqual(Array(40).fill(200))
    await Promise.all(cut)
    expect(await overHttp2(session)).toBe(200)
    expect(gateway.lines().filter(({ settled }) => settled?.status !== 'ok')).toEqual([])
    session.close()
  })
})

async function overHttp2(session: ClientHttp2Session): Promise<number> {
  const stream = session.request({
    ':method': 'POST',
    ':path': CONVERSE,
    authorization: `Bearer ${OPEN_KEY}`,
    'content-type': 'application/json',
  })
  stream.end(BODY)
  const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }]
  stream.resume()
  await once(stream, 'close')
  return headers[':status'] ?? 0
}
