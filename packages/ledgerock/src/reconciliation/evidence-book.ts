// What tells the owners of a month's lines, worked out once for all lines that say the same while the same owners are in force: a month
// has a million lines of some hundred callers.

import type { Ownable } from '../attribution/owner-rule.ts'
import { wordTree, type WordTree } from '../kernel/word-tree.ts'
import type { BilledLine } from './cell.ts'
import {
  evidenceFrom,
  ownableOf,
  ownersAround,
  tellOwner,
  type EvidenceRules,
  type LineEvidence,
  type Verdict,
} from './evidence.ts'
import { ownerKey, type Owner, type OwnerKey } from './owner.ts'

export type EvidenceBook = {
  readonly evidenceOf: (line: BilledLine) => KnownEvidence
  /** `metered`: whose the ledger says the tokens are. */
  readonly tellOwner: (evidence: KnownEvidence, metered: Owner | null) => Verdict
}

export type KnownEvidence = LineEvidence & { readonly verdicts: Map<OwnerKey | null, Verdict> }

type Caller = { readonly what: Ownable; readonly said: WordTree<KnownEvidence> }

export function evidenceBook(rules: EvidenceRules): EvidenceBook {
  const callers = wordTree<Caller>()
  const callerOf = (line: BilledLine): Caller => {
    const words = [line.principal, line.accountId, line.resourceId, ownerKey(line.tags)]
    let caller = callers.get(words)
    if (caller === undefined) {
      caller = { what: ownableOf(line), said: wordTree() }
      callers.set(words, caller)
    }
    return caller
  }
  return {
    evidenceOf(line) {
      const { what, said } = callerOf(line)
      const owners = ownersAround(line, what, rules)
      const words = [keyOf(owners.first), keyOf(owners.last), keyOf(owners.former)]
      let evidence = said.get(words)
      if (evidence === undefined) {
        evidence = { ...evidenceFrom(line, owners, rules), verdicts: new Map() }
        said.set(words, evidence)
      }
      return evidence
    },
    tellOwner(evidence, metered) {
      const key = keyOf(metered)
      let verdict = evidence.verdicts.get(key)
      if (verdict === undefined) {
        verdict = tellOwner(evidence, metered)
        evidence.verdicts.set(key, verdict)
      }
      return verdict
    },
  }
}

function keyOf(owner: Owner | null): OwnerKey | null {
  return owner === null ? null : ownerKey(owner)
}
