import { generate } from 'selfsigned'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Logger } from '../../platform/logging.ts'
import { createTlsContext, type TlsContext, type TlsMaterial } from './tls.ts'

type Pair = { readonly cert: string; readonly key: string }
const FILES = { certFile: 'cert.pem', keyFile: 'key.pem' }

async function makePair(name: string): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }])
  return { cert, key }
}

let first: Pair
let second: Pair
beforeAll(async () => {
  first = await makePair('first')
  second = await makePair('second')
})

type World = {
  readonly context: TlsContext
  readonly files: { cert: string | null; key: string | null }
  readonly logged: string[]
  readonly changes: TlsMaterial[]
}

function open(pair: Pair): World {
  const files: World['files'] = { ...pair }
  const logged: string[] = []
  const log = (_facts: unknown, event: string): void => void logged.push(event)
  const logger = { info: log, error: log, warn: log } as unknown as Logger
  const read = (path: string): Buffer => {
    const text = path === FILES.certFile ? files.cert : files.key
    if (text === null) throw new Error('ENOENT: no such file')
    return Buffer.from(text)
  }
  const context = createTlsContext(FILES, logger, { read })
  context.stop()
  const changes: TlsMaterial[] = []
  context.onChange((material) => changes.push(material))
  return { context, files, logged, changes }
}

describe('TLS context', () => {
  it('[Y20] offers the pair it began with, nothing older than TLS 1.2, and says when it ends', () => {
    const { context } = open(first)
    const { cert, minVersion } = context.material()
    expect([String(cert), minVersion]).toEqual([first.cert, 'TLSv1.2'])
    expect(context.endsAt()).toBeGreaterThan(Date.parse('2026-01-01T00:00:00Z'))
  })

  it('[Y20] takes a new pair and tells who asked to be told', () => {
    const { context, files, changes, logged } = open(first)
    Object.assign(files, second)
    context.reload()
    expect(changes.map(({ cert }) => String(cert))).toEqual([second.cert])
    expect(context.material().key.toString()).toBe(second.key)
    expect(logged).toEqual(['tls_certificate_loaded'])
  })

  it.each([
    ['are no pair, half a renewal', (files: World['files']) => (files.cert = second.cert)],
    ['are half written', (files: World['files']) => (files.cert = first.cert.slice(0, 200))],
    ['are empty', (files: World['files']) => (files.key = '')],
    ['are gone', (files: World['files']) => (files.key = null)],
  ])('[Y20] keeps the old pair where the new files %s, until they are whole', (_, spoil) => {
    const { context, files, changes, logged } = open(first)
    spoil(files)
    context.reload()
    expect(logged).toEqual(['tls_certificate_not_loaded'])
    expect([changes, String(context.material().cert)]).toEqual([[], first.cert])
    Object.assign(files, second)
    context.reload()
    expect(changes).toHaveLength(1)
    expect(String(context.material().cert)).toBe(second.cert)
  })

  it('[Y20] does not begin without a usable pair', () => {
    const fault = expect.objectContaining({ code: 'tls_unusable' })
    expect(() => open({ cert: first.cert, key: second.key })).toThrow(fault)
    expect(() => open({ cert: 'nothing', key: 'nothing' })).toThrow(fault)
  })
})
