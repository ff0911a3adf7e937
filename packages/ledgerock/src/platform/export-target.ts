// Where exported files go: a folder of this machine, or elsewhere. A file is there whole or not at all.

import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export type ExportTarget = {
  /** `s3://bucket/prefix`, or the folder. */
  readonly name: string
  /** Takes the place of what was there; answers its bytes. Paths are relative, with `/`. */
  readonly put: (file: string, chunks: AsyncIterable<Uint8Array>) => Promise<number>
  /** Quietly, where there is none. */
  readonly remove: (file: string) => Promise<void>
  readonly close: () => void
}

/** Engines that query a warehouse pass over names that begin with a dot. */
const unfinished = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.part`)

export function folderTarget(folder: string): ExportTarget {
  return {
    name: folder,
    async put(file, chunks) {
      const place = path.join(folder, ...file.split('/'))
      await mkdir(path.dirname(place), { recursive: true })
      let bytes = 0
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunks) {
          bytes += chunk.length
          yield chunk
        }
      }
      const part = unfinished(place)
      try {
        await pipeline(Readable.from(counted()), createWriteStream(part))
        const handle = await open(part, 'r+')
        await handle.sync()
        await handle.close()
        await rename(part, place)
      } catch (error) {
        await rm(part, { force: true })
        throw error
      }
      return bytes
    },
    remove: (file) => rm(path.join(folder, ...file.split('/')), { force: true }),
    close: () => undefined,
  }
}
