// How a policy travels and rests: a header line with format version, length and checksum, then the policy as JSON. The same text
// goes over the control socket and into `<data>/policy.json`; a worker takes it whole and unharmed or not at all.

import { createHash } from 'node:crypto'
import { err, ok, type Result } from '../kernel/result.ts'
import { POLICY_FORMAT, type Policy } from './policy.ts'

/** `newer_format`, `older_format`: written by another Ledgerock; control publishes anew at its start. `damaged`: not what was sealed. */
export type EnvelopeProblem = 'newer_format' | 'older_format' | 'damaged'

type Header = { readonly ledgerock_policy: number; readonly bytes: number; readonly sha256: string }

export function sealPolicy(policy: Policy): string {
  const body = JSON.stringify(policy)
  const header: Header = {
    ledgerock_policy: POLICY_FORMAT,
    bytes: Buffer.byteLength(body),
    sha256: sha256(body),
  }
  return `${JSON.stringify(header)}\n${body}\n`
}

export function openPolicy(envelope: string): Result<Policy, EnvelopeProblem> {
  const split = envelope.indexOf('\n')
  const header = split < 0 ? null : parseHeader(envelope.slice(0, split))
  if (header === null) return err('damaged')
  if (header.ledgerock_policy > POLICY_FORMAT) return err('newer_format')
  if (header.ledgerock_policy < POLICY_FORMAT) return err('older_format')
  const body = envelope.slice(split + 1, -1)
  const whole =
    envelope.endsWith('\n') &&
    Buffer.byteLength(body) === header.bytes &&
    sha256(body) === header.sha256
  if (!whole) return err('damaged')
  // What carries our checksum was written by `sealPolicy`.
  return ok(JSON.parse(body) as Policy)
}

function parseHeader(line: string): Header | null {
  try {
    const header = JSON.parse(line) as Header | null
    return typeof header?.ledgerock_policy === 'number' ? header : null
  } catch {
    return null
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
