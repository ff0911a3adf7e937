// Refusals about the bill, its periods, owners and pools, in the API's words.

import type { BillProblem } from '../month/bill-problem.ts'
import { refuse, type ProblemStatus } from './problem.ts'

const STATUS: Record<BillProblem['code'], ProblemStatus> = {
  invalid_request: 400,
  period_invalid: 400,
  bill_unknown: 404,
  exchange_missing: 409,
  period_open: 409,
  period_closed: 409,
  period_unready: 409,
  forbidden: 403,
  nothing_to_reopen: 409,
  reopening_waits: 409,
  nothing_to_approve: 409,
  same_person: 409,
  import_unknown: 404,
  import_running: 409,
  import_not_open: 409,
  upload_too_large: 413,
  source_refused: 400,
  owner_unknown: 404,
  owner_exists: 409,
  pool_unknown: 404,
  statement_unknown: 404,
  declared_in_file: 409,
}

export function billRefusal({ code, detail, errors }: BillProblem): Response {
  return refuse(STATUS[code], code, detail, errors)
}
