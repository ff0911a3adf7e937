// Files on their way into an import: each goes straight to disk under the name it has in its delivery, and is there whole or not at
// all. What one import may bring is limited in bytes and in files.

import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { err, ok, type Result } from '../../kernel/result.ts'

export type UploadedFile = { readonly path: string; readonly bytes: number }
export type UploadRefusal = 'name' | 'too_large' | 'too_many'

export type ImportUploads = {
  readonly folder: (importId: string) => string
  readonly open: (importId: string) => Promise<void>
  /** A file of the same name is replaced. */
  readonly put: (
    importId: string,
    name: string,
    body: ReadableStream<Uint8Array> | null,
  ) => Promise<Result<UploadedFile, UploadRefusal>>
  readonly drop: (importId: string) => Promise<void>
}

export type ImportUploadsDeps = {
  readonly directory: string
  /** Of all files of one import; read anew for each. */
  readonly bytesMax: () => number
}

const FILES_MAX = 10_000
const PATH_CHARS_MAX = 1_024
const PARTS_MAX = 20
const ENDING = /\.(?:parquet|zip|json|(?:csv|ndjson|jsonl)(?:\.gz)?)$/i
// oxlint-disable-next-line no-control-regex -- such names are what is refused
const PART = /^(?!\.{1,2}$)[^\u0000-\u001f\u007f/\\]{1,255}$/

export function isUploadName(name: string): boolean {
  const parts = name.split('/')
  const fits = name.length <= PATH_CHARS_MAX && parts.length <= PARTS_MAX && ENDING.test(name)
  return fits && parts.every((part) => PART.test(part))
}

export function createImportUploads({ directory, bytesMax }: ImportUploadsDeps): ImportUploads {
  const sizes = new Map<string, Map<string, number>>()
  let parts = 0
  const home = (importId: string): string => path.join(directory, importId)
  const folder = (importId: string): string => path.join(home(importId), 'files')

  return {
    folder,
    async open(importId) {
      sizes.set(importId, new Map())
      await mkdir(folder(importId), { recursive: true, mode: 0o700 })
    },
    async put(importId, name, body) {
      if (!isUploadName(name)) return err('name')
      const files = sizes.get(importId) ?? new Map<string, number>()
      if (files.size >= FILES_MAX && !files.has(name)) return err('too_many')
      parts += 1
      const mine = `part ${parts}`
      const part = path.join(home(importId), mine.replace(' ', '-'))
      let bytes = 0
      let isTooLarge = false
      files.delete(name)
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        if (body === null) return
        for await (const piece of Readable.fromWeb(body)) {
          bytes += (piece as Uint8Array).length
          // Beside what is here and on its way under other names.
          files.set(mine, bytes)
          isTooLarge = sum(files) > bytesMax()
          if (isTooLarge) return
          yield piece as Uint8Array
        }
      }
      try {
        await pipeline(counted(), createWriteStream(part, { flags: 'wx', mode: 0o600 }))
        if (isTooLarge) return err('too_large')
        const place = path.join(folder(importId), name)
        await mkdir(path.dirname(place), { recursive: true, mode: 0o700 })
        await rename(part, place)
        files.set(name, bytes)
        return ok({ path: name, bytes })
      } finally {
        files.delete(mine)
        await rm(part, { force: true })
      }
    },
    async drop(importId) {
      sizes.delete(importId)
      await rm(home(importId), { recursive: true, force: true })
    },
  }
}

function sum(files: ReadonlyMap<string, number>): number {
  let total = 0
  for (const bytes of files.values()) total += bytes
  return total
}
