import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { GatewayRequest } from './gateway-request.ts'
import { createBodyReader, type BodyReader, type ReadBody } from './read-body.ts'

const LIMITS = { bodyBytesMax: 100, heldBytesMax: 250 }

type Reading = { readonly client: PassThrough; readonly told: ReadBody[] }

function reading(bodies: BodyReader, declaredBytes = 0): Reading {
  const client = new PassThrough()
  const told: ReadBody[] = []
  bodies.read(client as unknown as GatewayRequest, declaredBytes, (body) => told.push(body))
  return { client, told }
}

/** Lets the stream's events happen. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

async function sent(bodies: BodyReader, ...chunks: readonly number[]): Promise<Reading> {
  const request = reading(bodies)
  for (const bytes of chunks) request.client.write(Buffer.alloc(bytes, 'x'))
  await turn()
  return request
}

async function whole(bodies: BodyReader, ...chunks: readonly number[]): Promise<Buffer> {
  const { client, told } = await sent(bodies, ...chunks)
  client.end()
  await turn()
  const [body] = told
  if (body?.kind !== 'whole') throw new Error(`not whole: ${JSON.stringify(told)}`)
  return body.bytes
}

describe('body reader', () => {
  it('[Y2] collects a body in any chunks and holds it until it is released', async () => {
    const bodies = createBodyReader(LIMITS)
    const one = await whole(bodies, 100)
    const many = await whole(bodies, 40, 1, 20)
    const none = await whole(bodies)
    expect([one.length, many.length, none.length]).toEqual([100, 61, 0])
    expect(bodies.heldBytes()).toBe(161)
    bodies.release(one)
    expect(bodies.heldBytes()).toBe(61)
    bodies.release(many)
    bodies.release(none)
    expect(bodies.heldBytes()).toBe(0)
  })

  it('[Y2] refuses a body over the limit by its length, before a byte is read', () => {
    const bodies = createBodyReader(LIMITS)
    expect(reading(bodies, 101).told).toEqual([{ kind: 'too_large' }])
    expect(reading(bodies, 100).told).toEqual([])
  })

  it('[Y2] refuses a body that grows over the limit, holds nothing of it, and takes no more', async () => {
    const bodies = createBodyReader(LIMITS)
    const { client, told } = await sent(bodies, 60, 41)
    expect(told).toEqual([{ kind: 'too_large' }])
    expect(bodies.heldBytes()).toBe(0)
    client.end(Buffer.alloc(1_000))
    await turn()
    expect(told).toHaveLength(1)
    expect(bodies.heldBytes()).toBe(0)
    expect(client.readableFlowing).toBe(true)
  })

  it('[Y2] refuses what all bodies together have no room for, until one is released', async () => {
    const bodies = createBodyReader(LIMITS)
    const first = await whole(bodies, 100)
    await whole(bodies, 100)
    expect(reading(bodies, 51).told).toEqual([{ kind: 'overload' }])
    const undeclared = await sent(bodies, 51)
    expect(undeclared.told).toEqual([{ kind: 'overload' }])
    expect(bodies.heldBytes()).toBe(200)
    bodies.release(first)
    expect((await whole(bodies, 51)).length).toBe(51)
    expect(bodies.heldBytes()).toBe(151)
  })

  it.each([
    ['leaves', undefined],
    ['breaks', new Error('reset')],
  ])('[Y2] holds nothing of a client that %s half way', async (_, error) => {
    const bodies = createBodyReader(LIMITS)
    const { client, told } = await sent(bodies, 60)
    expect(bodies.heldBytes()).toBe(60)
    client.destroy(error)
    await turn()
    expect(told).toEqual([{ kind: 'client_gone' }])
    expect(bodies.heldBytes()).toBe(0)
  })

  it('[Y2] waits for nobody who had left before it began', async () => {
    const bodies = createBodyReader(LIMITS)
    const client = new PassThrough()
    client.destroy()
    await turn()
    const told: ReadBody[] = []
    bodies.read(client as unknown as GatewayRequest, 10, (body) => told.push(body))
    expect(told).toEqual([{ kind: 'client_gone' }])
  })

  it('[Y2] keeps the body of a client that closes after its last byte', async () => {
    const bodies = createBodyReader(LIMITS)
    const { client, told } = await sent(bodies, 60)
    client.end()
    await turn()
    client.destroy()
    await turn()
    expect(told).toHaveLength(1)
    expect(bodies.heldBytes()).toBe(60)
  })
})
