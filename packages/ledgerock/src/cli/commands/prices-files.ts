// Files a `prices` command sends on: read from disk, unpacked where they are gzip, and shown to be what they claim before
// anything is sent.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { ApiAnswer, ApiClient, Query, Upload } from '../api-client.ts'
import type { CliIo } from '../cli-io.ts'
import { failed, wrongUsage } from '../command-error.ts'

/** What the API takes in one piece. */
export const UPLOAD_BYTES_MAX = 268_435_456

const GZIP = [0x1f, 0x8b] as const

export async function readInput({ cwd }: CliIo, file: string): Promise<Buffer<ArrayBuffer>> {
  try {
    const bytes = await readFile(path.resolve(cwd, file))
    if (bytes[0] !== GZIP[0] || bytes[1] !== GZIP[1]) return bytes
    return gunzipSync(bytes, { maxOutputLength: UPLOAD_BYTES_MAX })
  } catch (error) {
    const { code = 'unreadable' } = error as { readonly code?: string }
    const why = code === 'ERR_BUFFER_TOO_LARGE' ? 'it unpacks to more than 256 MiB' : code
    throw failed(`${file} cannot be read (${why})`)
  }
}

/** Several files become one JSON array, so that they are taken or refused together. */
export async function readJsonInputs(io: CliIo, files: readonly string[]): Promise<string> {
  const texts: string[] = []
  const faults: string[] = []
  for (const file of files) {
    const text = (await readInput(io, file)).toString('utf8')
    const fault = jsonFault(text, files.length > 1)
    if (fault === null) texts.push(text)
    else faults.push(`${file}: ${fault}`)
  }
  if (faults.length > 0) throw wrongUsage(...faults)
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`
}

function jsonFault(text: string, isOneOfSeveral: boolean): string | null {
  try {
    const value = JSON.parse(text) as unknown
    if (!isOneOfSeveral || !Array.isArray(value)) return null
    return 'holds a list; name it alone'
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable'
    return `not JSON, or not all of it: ${why}`
  }
}

export async function uploadWithBar(
  io: CliIo,
  api: ApiClient,
  route: string,
  query: Query,
  body: Upload,
): Promise<ApiAnswer> {
  const total = body.bytes.length
  if (total > UPLOAD_BYTES_MAX) throw failed('that is more than the 256 MiB the API takes at once')
  const progress = await io.progress('sending')
  try {
    return await api.upload(route, query, body, (sent) => progress.update(sent, total))
  } finally {
    progress.stop()
  }
}
