// Puts a delivery's files under a folder, as a copy of the bucket.

import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { BillFile } from './deliver-bill.ts'

/** Returns the folder's paths, in the order of the files. */
export async function saveBill(
  folder: string,
  files: readonly BillFile[],
): Promise<readonly string[]> {
  const paths: string[] = []
  for (const { key, bytes } of files) {
    const target = path.join(folder, ...key.split('/'))
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, bytes)
    paths.push(target)
  }
  return paths
}
