// Brings the files of a delivery into a directory of their own, checked as far as that is cheap: their format by their first and last
// bytes, the columns of every CSV alike, the empty ones that AWS leaves behind set aside. What they say is for the engine to read.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'
import { Fault } from '../kernel/fault.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { columnName } from './bill-columns.ts'
import type { BillPlace } from './bill-place.ts'
import type { BillDelivery } from './find-deliveries.ts'
import type { StagedBillFile } from './staged-bill.ts'
import { memberAsGzip, zipMembers } from './zip-members.ts'

export type StageProblem = {
  readonly file: string
  readonly reason: 'unreadable' | 'columns'
  readonly detail: string
}

/** A file on its way: where its bytes are, and what it is called in reports. */
type Brought = { readonly name: string; readonly path: string }

/** Surplus chunks are left out; a delivery of nothing but those has no files. `into` is made, and is the caller's to remove. */
export async function stageDelivery(
  place: BillPlace,
  delivery: BillDelivery,
  into: string,
): Promise<Result<readonly StagedBillFile[], readonly StageProblem[]>> {
  const brought = join(into, 'brought')
  const ready = join(into, 'ready')
  for (const folder of [brought, ready]) await mkdir(folder, { recursive: true, mode: 0o700 })
  const staged: StagedBillFile[] = []
  const problems: StageProblem[] = []
  for (const { path, bytes } of delivery.files) {
    if (bytes === 0) continue
    try {
      const local = { name: path, path: await place.bring(path, brought) }
      for (const file of await unpacked(local, join(brought, `${staged.length}`))) {
        const one = await stageFile(file, ready, staged.length + 1)
        if (one !== null) staged.push(one)
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      problems.push({ file: path, reason: 'unreadable', detail: error.message })
    }
  }
  const other = differing(staged)
  if (other !== null) problems.push(other)
  return problems.length > 0 ? err(problems) : ok(staged)
}

async function unpacked(file: Brought, into: string): Promise<readonly Brought[]> {
  if (!/\.zip$/i.test(file.name)) return [file]
  await mkdir(into, { recursive: true, mode: 0o700 })
  const found: Brought[] = []
  for (const [index, member] of (await zipMembers(file.path)).entries()) {
    if (!/\.csv$/i.test(member.name)) continue
    const path = join(into, `${index}.csv.gz`)
    await memberAsGzip(file.path, member, path)
    found.push({ name: `${file.name}/${member.name}.gz`, path })
  }
  return found
}

/** Null where the file is one of AWS's empty ones. */
async function stageFile(
  file: Brought,
  ready: string,
  number: number,
): Promise<StagedBillFile | null> {
  const { size } = await stat(file.path)
  const isParquet = /\.parquet$/i.test(file.name)
  const isZipped = /\.gz$/i.test(file.name)
  if (isParquet) await checkParquet(file.path, size)
  const columns = isParquet ? null : await csvHeader(file.path, isZipped)
  if (columns !== null && columns.length === 0) return null
  const ending = isParquet ? 'parquet' : isZipped ? 'csv.gz' : 'csv'
  const path = join(ready, `${String(number).padStart(5, '0')}.${ending}`)
  await symlink(file.path, path)
  return {
    name: file.name,
    path,
    bytes: size,
    sha256: await sha256Of(file.path),
    columns,
    gzipped: isZipped,
  }
}

/** A Parquet file begins and ends with its mark, and says before the last how long its directory is. */
async function checkParquet(path: string, size: number): Promise<void> {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(12)
    if (size >= 12) {
      await file.read(bytes, 0, 4, 0)
      await file.read(bytes, 4, 8, size - 8)
    }
    const isWhole =
      bytes.toString('latin1', 0, 4) === 'PAR1' && bytes.toString('latin1', 8) === 'PAR1'
    if (!isWhole || bytes.readUInt32LE(4) > size - 12) {
      throw new Fault('unreadable', 'no whole Parquet file: it was cut off or is something else')
    }
  } finally {
    await file.close()
  }
}

/** More than this before the first line ends is no header. */
const HEADER_BYTES_MAX = 1_048_576

/** The columns under their CUR 2.0 names; none where the file is empty. */
async function csvHeader(path: string, isZipped: boolean): Promise<readonly string[]> {
  const bytes = createReadStream(path, { end: HEADER_BYTES_MAX })
  const source = isZipped ? bytes.pipe(createGunzip()) : bytes
  const records = parse({ bom: true, to: 1, relax_column_count: true })
  // A gzip that is only read at its beginning ends too early, and that is no fault here.
  bytes.on('error', (error: Error) => records.destroy(error))
  source.on('error', (error: Error) => records.destroy(error))
  try {
    for await (const record of source.pipe(records)) return (record as readonly string[]).map(named)
    return []
  } catch (cause) {
    throw new Fault('unreadable', 'no header of a CSV can be read', { cause })
  } finally {
    bytes.destroy()
  }
}

/** Tags keep the name that is theirs. */
function named(written: string): string {
  const name = written.trim()
  return /^(resourceTags|iamPrincipal|costCategory|accountTag|userAttribute)\//.test(name)
    ? name
    : columnName(name)
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path, { highWaterMark: 1_048_576 }))
    hash.update(piece as Buffer)
  return hash.digest('hex')
}

function differing(staged: readonly StagedBillFile[]): StageProblem | null {
  const [first] = staged
  if (first === undefined) return null
  const said = JSON.stringify(first.columns)
  const other = staged.find(
    ({ columns, gzipped }) => JSON.stringify(columns) !== said || gzipped !== first.gzipped,
  )
  if (other === undefined) return null
  return { file: other.name, reason: 'columns', detail: `other columns than ${first.name}` }
}
