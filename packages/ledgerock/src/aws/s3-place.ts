// A prefix of an S3 bucket as a place to read files from, with the credentials of the usual AWS chain. A file is read as it was listed:
// one that changes in between is refused, one that breaks off is taken up again where it ended, one that comes short is a fault.

import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
  type GetObjectCommandOutput,
} from '@aws-sdk/client-s3'
import { Fault } from '../kernel/fault.ts'
import { compileGlob } from '../kernel/glob.ts'

export type S3File = {
  /** From the prefix, with `/`. */
  readonly path: string
  readonly bytes: number
  /** Another text when the object is another one. */
  readonly mark: string
}

export type S3Place = {
  /** `s3://bucket/prefix` */
  readonly name: string
  readonly list: () => Promise<readonly S3File[]>
  readonly readText: (path: string) => Promise<string>
  /** Copies the file under `into`, and says where. */
  readonly bring: (path: string, into: string) => Promise<string>
  readonly close: () => void
}

export type S3PlaceOptions = {
  /** Where to ask first; a bucket elsewhere is found by what S3 answers. */
  readonly region: string
  /** Of a file that is being brought: how much of it is here. */
  readonly onBytes?: (bytes: number) => void
}

const ATTEMPTS = 4
/** No byte for so long: the connection is dead. */
const IDLE_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 5_000
/** More than this is no folder of deliveries. */
const FILES_MAX = 100_000
const TEXT_BYTES_MAX = 16_777_216

const URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s

export function parseS3(url: string): { readonly bucket: string; readonly prefix: string } | null {
  const [, bucket, prefix = ''] = URL.exec(url) ?? []
  return bucket === undefined ? null : { bucket, prefix: prefix.replace(/\/+$/, '') }
}

type Found = { readonly key: string; readonly bytes: number; readonly mark: string }
type Listed = Found & { readonly path: string }

/**
 * Nothing is asked before `list`.
 * @throws Fault `import_source` where the text is no S3 address
 */
export function s3Place(source: string, options: S3PlaceOptions): S3Place {
  const parsed = parseS3(source)
  if (parsed === null) throw new Fault('import_source', `${source} is no s3://bucket/prefix`)
  const bucket = new Bucket(source, parsed, options)
  return {
    name: source,
    list: () => bucket.list(),
    readText: (file) => bucket.readText(file),
    bring: (file, into) => bucket.bring(file, into),
    close: () => bucket.close(),
  }
}

class Bucket {
  readonly #source: string
  readonly #bucket: string
  readonly #prefix: string
  readonly #client: S3Client
  readonly #onBytes: (bytes: number) => void
  readonly #files = new Map<string, Listed>()

  constructor(
    source: string,
    { bucket, prefix }: NonNullable<ReturnType<typeof parseS3>>,
    { region, onBytes = () => {} }: S3PlaceOptions,
  ) {
    this.#source = source
    this.#bucket = bucket
    this.#prefix = prefix
    this.#onBytes = onBytes
    this.#client = new S3Client({
      region,
      followRegionRedirects: true,
      maxAttempts: ATTEMPTS,
      requestHandler: { requestTimeout: IDLE_TIMEOUT_MS, connectionTimeout: CONNECT_TIMEOUT_MS },
    })
  }

  close(): void {
    this.#client.destroy()
  }

  async list(): Promise<readonly S3File[]> {
    this.#files.clear()
    for (const file of await this.#below()) this.#files.set(file.path, file)
    return [...this.#files.values()].map(({ path: at, bytes, mark }) => ({ path: at, bytes, mark }))
  }

  async readText(file: string): Promise<string> {
    const known = this.#listed(file)
    if (known.bytes > TEXT_BYTES_MAX) {
      throw new Fault('import_source', `${file} has ${known.bytes} bytes: too many for a manifest`)
    }
    const pieces: Buffer[] = []
    try {
      for await (const piece of await this.#get(known, 0)) pieces.push(piece as Buffer)
    } catch (error) {
      throw asFault(error, `${this.#source}: ${file}`)
    }
    return Buffer.concat(pieces).toString('utf8')
  }

  async bring(file: string, into: string): Promise<string> {
    const known = this.#listed(file)
    const what = `${this.#source}: ${file}`
    await mkdir(into, { recursive: true, mode: 0o700 })
    const place = path.join(into, `s3-${[...this.#files.keys()].indexOf(file)}`)
    let written = 0
    const onPiece = (bytes: number): void => {
      written += bytes
      this.#onBytes(bytes)
    }
    for (let attempt = 1; ; attempt += 1) {
      try {
        const body = await this.#get(known, written)
        // What a broken attempt wrote last may not be on disk: writing goes on where the count stands.
        const flags = written === 0 ? 'w' : 'r+'
        const target = createWriteStream(place, { flags, start: written, mode: 0o600 })
        await pipeline(counted(body, onPiece), target)
        break
      } catch (error) {
        if (!isBroken(error) || attempt === ATTEMPTS) throw asFault(error, what)
      }
    }
    if (written === known.bytes) return place
    const detail = `${what} came with ${written} of ${known.bytes} bytes`
    throw new Fault('import_source', detail, { retryable: true })
  }

  async #below(): Promise<readonly Listed[]> {
    const prefix = this.#prefix
    const wildcard = prefix.indexOf('*')
    if (wildcard >= 0) {
      const matches = compileGlob(prefix)
      const folder = prefix.slice(0, prefix.lastIndexOf('/', wildcard) + 1)
      const all = await this.#objects(prefix.slice(0, wildcard))
      return all
        .filter(({ key }) => matches(key))
        .map((each) => ({ ...each, path: each.key.slice(folder.length) }))
    }
    const folder = prefix === '' ? '' : `${prefix}/`
    const inside = await this.#objects(folder)
    if (inside.length > 0) {
      return inside.map((each) => ({ ...each, path: each.key.slice(folder.length) }))
    }
    const own = (await this.#objects(prefix)).find(({ key }) => key === prefix)
    return own === undefined ? [] : [{ ...own, path: path.posix.basename(prefix) }]
  }

  async #objects(begin: string): Promise<readonly Found[]> {
    const found: Found[] = []
    try {
      const asked = { Bucket: this.#bucket, Prefix: begin }
      const pages = paginateListObjectsV2({ client: this.#client }, asked)
      for await (const { Contents: contents = [] } of pages) {
        for (const { Key: key = '', Size: bytes = 0, ETag: mark = '' } of contents) {
          if (!key.endsWith('/')) found.push({ key, bytes, mark })
        }
        if (found.length > FILES_MAX) {
          throw new Fault('import_source', `more than ${FILES_MAX} files lie under ${this.#source}`)
        }
      }
    } catch (error) {
      throw asFault(error, this.#source)
    }
    return found
  }

  #listed(file: string): Listed {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    throw new Fault('import_source', `${file} was not listed in ${this.#source}`)
  }

  async #get(file: Listed, from: number): Promise<Readable> {
    const answer: GetObjectCommandOutput = await this.#client.send(
      new GetObjectCommand({
        Bucket: this.#bucket,
        Key: file.key,
        ...(file.mark === '' ? {} : { IfMatch: file.mark }),
        ...(from === 0 ? {} : { Range: `bytes=${from}-` }),
      }),
    )
    if (answer.Body instanceof Readable) return answer.Body
    throw new Fault('import_source', `${file.path}: no body`)
  }
}

async function* counted(body: Readable, onPiece: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const piece of body) {
    yield piece as Buffer
    onPiece((piece as Buffer).length)
  }
}

/** The connection, not an answer of S3, which the client has tried again already. */
function isBroken(error: unknown): boolean {
  const { $metadata: answer, $response } = error as { $metadata?: object; $response?: object }
  return !(error instanceof Fault) && answer === undefined && $response === undefined
}

function asFault(error: unknown, what: string): Fault {
  if (error instanceof Fault) return error
  const { name, message, $metadata } = error as Error & {
    readonly $metadata?: { readonly httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  if (status === 412) {
    const detail = `${what} changed while it was read; try again`
    return new Fault('import_source', detail, { cause: error, retryable: true })
  }
  const isPassing = status === undefined || status === 429 || status >= 500
  const detail = `${what} cannot be read: ${name}${message === '' || message === name ? '' : `: ${message}`}`
  return new Fault('import_source', detail, {
    cause: error,
    ...(isPassing ? { retryable: true } : {}),
  })
}
