// A prefix of an S3 bucket as a place to write files to. An upload of several parts is an object only when its last part is there, so
// that no reader ever sees half a file.

import { Readable } from 'node:stream'
import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { Fault } from '../kernel/fault.ts'
import type { ExportTarget } from '../platform/export-target.ts'
import { parseS3 } from './s3-place.ts'

export type S3TargetOptions = {
  readonly region: string
  /** An S3 that is not AWS's; its buckets are paths. */
  readonly endpoint?: string
}

const ATTEMPTS = 4
const PART_BYTES = 8_388_608

/** @throws Fault `export_target` where the text is no S3 address, or S3 refuses */
export function s3Target(target: string, { region, endpoint }: S3TargetOptions): ExportTarget {
  const parsed = parseS3(target)
  if (parsed === null) throw new Fault('export_target', `${target} is no s3://bucket/prefix`)
  const { bucket: Bucket, prefix } = parsed
  const client = new S3Client({
    region,
    followRegionRedirects: true,
    maxAttempts: ATTEMPTS,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  })
  const keyOf = (file: string): string => (prefix === '' ? file : `${prefix}/${file}`)
  const asked = async <Value>(what: string, work: () => Promise<Value>): Promise<Value> => {
    try {
      return await work()
    } catch (error) {
      const said = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown reason'
      throw new Fault('export_target', `${target}: ${what} failed: ${said}`, { cause: error })
    }
  }
  return {
    name: target,
    put: (file, chunks) =>
      asked(`writing ${file}`, async () => {
        let bytes = 0
        const counted = async function* (): AsyncGenerator<Uint8Array> {
          for await (const chunk of chunks) {
            bytes += chunk.length
            yield chunk
          }
        }
        const Body = Readable.from(counted(), { objectMode: false })
        const params = { Bucket, Key: keyOf(file), Body }
        await new Upload({ client, params, partSize: PART_BYTES, queueSize: 1 }).done()
        return bytes
      }),
    remove: (file) =>
      asked(`removing ${file}`, async () => {
        await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(file) }))
      }),
    close: () => client.destroy(),
  }
}
