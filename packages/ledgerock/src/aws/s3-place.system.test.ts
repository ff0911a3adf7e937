// Reading a bucket of a real implementation of S3 (moto), and of a server that breaks off and changes its mind.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseS3, s3Place } from './s3-place.ts'
import { freePort, hasMoto, listening, startMoto, type Moto } from './testing/moto.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 's3-place-'))
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
})
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

describe('parseS3', () => {
  it.each([
    ['s3://acme-bills', { bucket: 'acme-bills', prefix: '' }],
    ['s3://acme-bills/', { bucket: 'acme-bills', prefix: '' }],
    ['s3://acme-bills/a/b/', { bucket: 'acme-bills', prefix: 'a/b' }],
    ['s3://Acme', null],
    ['s3://ab', null],
    ['s3:/acme-bills', null],
    ['https://acme-bills', null],
  ])('%s', (url, expected) => expect(parseS3(url)).toEqual(expected))
})

describe.skipIf(!hasMoto())('a bucket', () => {
  let moto: Moto
  let client: S3Client
  const big = randomBytes(3_000_000)

  beforeAll(async () => {
    const port = await freePort()
    moto = startMoto(port)
    const endpoint = `http://127.0.0.1:${port}`
    await listening(endpoint)
    vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint)
    client = new S3Client({ region: 'us-east-1' })
    await client.send(new CreateBucketCommand({ Bucket: 'acme-bills' }))
    await put('cur/data/a.parquet', big)
    await put('cur/data/empty.csv', Buffer.alloc(0))
    await put('cur/metadata/Manifest.json', Buffer.from('{"ä":1}'))
    await put('cur/folder/', Buffer.alloc(0))
    await put('cur2/data/other.csv', Buffer.from('other'))
  })
  afterAll(() => {
    client.destroy()
    moto.stop()
  })
  async function put(key: string, body: Buffer): Promise<void> {
    await client.send(new PutObjectCommand({ Bucket: 'acme-bills', Key: key, Body: body }))
  }
  const place = (source: string, onBytes?: (bytes: number) => void) =>
    s3Place(source, { region: 'us-east-1', ...(onBytes === undefined ? {} : { onBytes }) })

  it('[W23] lists what lies below the prefix, and nothing that only begins alike', async () => {
    const paths = async (source: string) => (await place(source).list()).map((file) => file.path)
    expect(await place('s3://acme-bills/cur').list()).toMatchObject([
      { path: 'data/a.parquet', bytes: 3_000_000 },
      { path: 'data/empty.csv', bytes: 0 },
      { path: 'metadata/Manifest.json', bytes: 8 },
    ])
    expect(await paths('s3://acme-bills/cur/')).toHaveLength(3)
    expect(await paths('s3://acme-bills')).toHaveLength(4)
    expect(await paths('s3://acme-bills/cur2/data/other.csv')).toEqual(['other.csv'])
    expect(await paths('s3://acme-bills/cur*/data/*.csv')).toEqual([
      'cur/data/empty.csv',
      'cur2/data/other.csv',
    ])
    expect(await paths('s3://acme-bills/nothing')).toEqual([])
  })

  it('[W23] lists more than one page', async () => {
    const names = Array.from({ length: 1_005 }, (_, index) => `many/${index}.csv`)
    for (let at = 0; at < names.length; at += 40) {
      await Promise.all(names.slice(at, at + 40).map((name) => put(name, Buffer.from('x'))))
    }
    expect(await place('s3://acme-bills/many').list()).toHaveLength(1_005)
  })

  it('[W24] brings the bytes as they are, says how many, and reads text', async () => {
    let arrived = 0
    const own = place('s3://acme-bills/cur', (bytes) => (arrived += bytes))
    await own.list()
    const local = await own.bring('data/a.parquet', join(folder, 'brought'))
    expect(sha(readFileSync(local))).toBe(sha(big))
    expect(statSync(local).mode & 0o777).toBe(0o600)
    expect(arrived).toBe(big.length)
    expect(await own.readText('metadata/Manifest.json')).toBe('{"ä":1}')
    expect(readFileSync(await own.bring('data/empty.csv', folder), 'utf8')).toBe('')
    await expect(own.bring('never/listed', folder)).rejects.toThrow(/was not listed/)
  })

  it('[W24] refuses what has changed since it was listed', async () => {
    await put('changing/a.csv', Buffer.from('one'))
    const own = place('s3://acme-bills/changing')
    const [before] = await own.list()
    await put('changing/a.csv', Buffer.from('two'))
    await expect(own.bring('a.csv', folder)).rejects.toMatchObject({
      code: 'import_source',
      message: expect.stringMatching(/changed while it was read/) as string,
    })
    await expect(own.readText('a.csv')).rejects.toThrow(/changed while it was read/)
    const [after] = await own.list()
    expect(after?.mark).not.toBe(before?.mark)
    expect(readFileSync(await own.bring('a.csv', folder), 'utf8')).toBe('two')
  })

  it('[W23] a bucket that is not there is a fault that names it', async () => {
    await expect(place('s3://not-there/x').list()).rejects.toMatchObject({
      code: 'import_source',
      message: expect.stringMatching(/s3:\/\/not-there\/x cannot be read: NoSuchBucket/) as string,
    })
  })
})

describe('a connection that breaks off', () => {
  const body = randomBytes(400_000)
  const ranges: (string | undefined)[] = []
  const marks: (string | undefined)[] = []
  let cutAt = 150_000
  let isShort = false
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.includes('list-type=2') === true) {
      response.setHeader('content-type', 'application/xml')
      response.end(
        '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a.csv</Key><ETag>"e1"</ETag>' +
          `<Size>${isShort ? body.length + 1 : body.length}</Size></Contents></ListBucketResult>`,
      )
      return
    }
    const { range, 'if-match': ifMatch } = request.headers
    ranges.push(range)
    marks.push(ifMatch)
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
    const rest = body.subarray(from)
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': rest.length, etag: '"e1"' })
    if (cutAt === 0) response.end(rest)
    else response.write(rest.subarray(0, cutAt), () => setImmediate(() => response.destroy()))
  })

  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${port}`)
  })
  afterAll(() => server.close())
  const listed = async () => {
    const place = s3Place('s3://acme-bills/p', { region: 'us-east-1' })
    await place.list()
    return place
  }

  it('[W24] is taken up where it ended, and the file is whole', async () => {
    const place = await listed()
    expect(sha(readFileSync(await place.bring('a.csv', folder)))).toBe(sha(body))
    expect(new Set(marks)).toEqual(new Set(['"e1"']))
    expect(ranges[0]).toBeUndefined()
    expect(ranges.length).toBeGreaterThan(1)
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true)
    place.close()
  })

  it('[W24] is given up after some tries, and a file that comes short is a fault', async () => {
    cutAt = 1_000
    const broken = await listed()
    await expect(broken.bring('a.csv', folder)).rejects.toMatchObject({ code: 'import_source' })
    cutAt = 0
    isShort = true
    const short = await listed()
    await expect(short.bring('a.csv', folder)).rejects.toThrow(/400000 of 400001 bytes/)
  })
})

function sha(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
