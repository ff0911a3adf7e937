// Why an import is not made, takes no file or does not run, in the words of the API.

import { billProblem, isPeriod, periodInvalid, type BillProblem } from '../month/bill-problem.ts'
import type { UploadRefusal } from './import-uploads.ts'
import type { NewImport } from './import-rules.ts'
import type { StoredImport } from '../store/import-table.ts'

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export function wantedFault({ name, period, source }: NewImport): BillProblem | null {
  if (!NAME.test(name)) {
    const message = 'must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore'
    return billProblem('invalid_request', `name ${message}`, [{ path: 'name', message }])
  }
  if (period !== null && !isPeriod(period)) return periodInvalid('period')
  if (source === null || source !== '') return null
  const message = 'must be a path or s3://bucket/prefix, or left out to send files'
  return billProblem('invalid_request', `source ${message}`, [{ path: 'source', message }])
}

export function uploadFault(
  row: StoredImport | null,
  importId: string,
  nodeId: string,
): BillProblem | null {
  if (row === null) return importUnknown(importId)
  if (row.state !== 'open') {
    return billProblem('import_not_open', `${importId} is ${row.state}: it takes no files any more`)
  }
  if (row.nodeId === nodeId) return null
  return billProblem('import_not_open', `${importId} takes files at the node it was made at`)
}

export function refusedFile(name: string, refusal: UploadRefusal, bytesMax: number): BillProblem {
  if (refusal === 'name') {
    const message =
      'must be a relative path to .parquet, .csv, .csv.gz, .zip, .json, .ndjson or .jsonl'
    return billProblem('invalid_request', `path ${message}`, [{ path: 'path', message }])
  }
  const detail =
    refusal === 'too_many'
      ? `no more files fit into this import: ${name}`
      : `the files of one import may have ${bytesMax} bytes together (billing.upload_size)`
  return billProblem('upload_too_large', detail)
}

export function importUnknown(importId: string): BillProblem {
  return billProblem('import_unknown', `there is no import ${importId}`)
}

export function alreadyRuns({ name, importId }: StoredImport): BillProblem {
  return billProblem('import_running', `${name} is being imported already (${importId})`)
}

/** How a run ends whose process did. */
export function died(row: StoredImport, at: string) {
  return {
    state: 'failed',
    progress: row.progress,
    report: null,
    problem: 'the process that ran it ended; run it again, what was imported stays',
    seen: null,
    isNews: false,
    endedAt: at,
  } as const
}
