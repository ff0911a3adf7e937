// Reads the bill files a command was given. Lines of other services stay on this machine: what does not name Bedrock is not sent.

import { open, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { BillFault } from '../../billing/bill-fault.ts'
import type { BillRow } from '../../billing/bill-row.ts'
import type { CliIo, Progress } from '../cli-io.ts'
import { failed, wrongUsage } from '../command-error.ts'
import { grouped, visible } from '../table.ts'

/** A bill with more faults than a person reads has one cause; the first ones show it. */
const FAULTS_SHOWN_MAX = 20

/** A line that cannot be read is told with its dollars and left out; a file that cannot be read to its end is refused. */
export async function readBill(io: CliIo, files: readonly string[]): Promise<readonly BillRow[]> {
  const { readBillRows } = await import('../../billing/read-bill-rows.ts')
  const kept: BillRow[] = []
  const faults: BillFault[] = []
  let left = 0
  for (const file of files) {
    const handle = await openFile(io, file)
    const progress = await io.progress(`reading ${file}`)
    try {
      const bytes = counted(handle, (await handle.stat()).size, progress)
      for await (const row of readBillRows({ name: file, bytes }, (fault) => faults.push(fault))) {
        if (namesBedrock(row)) kept.push(row)
        else left += 1
      }
    } finally {
      progress.stop()
      await handle.close()
    }
  }
  const broken = faults.filter(({ row, reason }) => row === null || reason === 'rest_unreadable')
  if (broken.length > 0) throw wrongUsage(...broken.map(faultText))
  tellLeftOut(io, faults, left)
  return kept
}

/** Lines of the Marketplace have an opaque product code, so the product's name and the operation count too. */
export function namesBedrock(row: BillRow): boolean {
  const { product_code: code, product_name: name, operation, resource_id: resource } = row
  // Without a name an opaque code says nothing; then the usage type decides, which only pricing can read.
  if (name === '' && !/^(?:Amazon|AWS)/.test(code)) return true
  const words = `${code} ${name} ${resource} ${row.usage_type} ${row.description}`
  return /bedrock/i.test(words) || operation.startsWith('InvokeModel')
}

async function openFile({ cwd }: CliIo, file: string): Promise<FileHandle> {
  try {
    return await open(path.resolve(cwd, file))
  } catch (error) {
    const { code = 'unreadable' } = error as { readonly code?: string }
    throw failed(`${file} cannot be read (${code})`)
  }
}

async function* counted(
  handle: FileHandle,
  total: number,
  progress: Progress,
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0
  const stream = handle.createReadStream({ autoClose: false })
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    done += chunk.length
    progress.update(done, total)
    yield chunk
  }
}

function tellLeftOut(io: CliIo, faults: readonly BillFault[], left: number): void {
  for (const fault of faults.slice(0, FAULTS_SHOWN_MAX)) {
    const usd = fault.usd === null ? '' : `, USD ${fault.usd}`
    io.note(`left out ${faultText(fault)}${visible(usd)}\n`)
  }
  const more = faults.length - FAULTS_SHOWN_MAX
  if (more > 0) io.note(`${grouped(more)} more lines could not be read.\n`)
  if (left > 0) io.note(`${grouped(left)} lines that do not name Bedrock were left out.\n`)
}

function faultText({ file, row, detail }: BillFault): string {
  return visible(`${file}${row === null ? '' : `:${row}`}: ${detail}`)
}
