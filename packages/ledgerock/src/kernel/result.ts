// A two-branch result for expected failures. A fault of the world is a thrown `Fault`; a bug is a failed `assert`.

export type Result<Value, Problem> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: Problem }

export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value }
}

export function err<Problem>(problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem }
}

/** The value of a result that cannot fail here; a failure is a bug. */
export function mustOk<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(`unexpected failure: ${String(result.problem)}`)
  return result.value
}
