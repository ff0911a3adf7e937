// The limits of several nodes on one store: each claims its part in a table of the store once a second. Nodes stand in line for
// that, so that no two take the same place. A node that has not spoken for a while has lost its part; one that is cut off goes
// on with what it had, so that a limit can be passed by that much while it is.

import type { ControlStore } from '../../control/store/control-store.ts'
import type { StoredClaims } from '../../control/store/limit-claims.ts'
import { claimPart, type NodeClaim, type NodePart } from '../../governance/limit/node-claims.ts'
import type { DividedRule, ShareDivider } from '../../governance/limit/share-divider.ts'
import type { Clock } from '../../kernel/time.ts'

/** By the name of the rule. */
export type NodeParts = ReadonlyMap<string, NodePart>

export type LimitNodes = {
  readonly claim: (
    rules: readonly DividedRule[],
    stand: ShareDivider['stand'],
  ) => Promise<NodeParts>
}

/** Longer than a control process needs to start again. */
const SILENT_MS_MAX = 10_000

export function createLimitNodes(
  store: Pick<ControlStore, 'write'>,
  clock: Clock,
  nodeId: string,
): LimitNodes {
  const heard = new Map<string, { readonly beat: number; readonly atMs: number }>()
  let parts: NodeParts = new Map()

  /** By this node's own clock: those of others may be wrong. */
  function isSilent({ nodeId: other, beat }: StoredClaims): boolean {
    const nowMs = clock.monotonic()
    const before = heard.get(other)
    if (before?.beat === beat) return nowMs - before.atMs > SILENT_MS_MAX
    heard.set(other, { beat, atMs: nowMs })
    return false
  }

  return {
    async claim(rules, stand) {
      // Nothing to share: nobody has to hear of it, and what was claimed is let go by silence.
      if (rules.length === 0) return new Map()
      parts = await store.write(async ({ limitClaims }) => {
        const others = (await limitClaims.all()).filter((one) => one.nodeId !== nodeId)
        const living: StoredClaims[] = []
        for (const other of others) {
          if (isSilent(other)) await limitClaims.remove(other.nodeId)
          else living.push(other)
        }
        const taken = rules.map((rule) => [rule.name, take(rule, living, stand)] as const)
        const claims = Object.fromEntries(taken.map(([name, { claim }]) => [name, claim]))
        await limitClaims.put({ nodeId, beat: clock.now(), claims })
        return new Map(taken.map(([name, { part }]) => [name, part]))
      })
      return parts
    },
  }

  function take(
    rule: DividedRule,
    living: readonly StoredClaims[],
    stand: ShareDivider['stand'],
  ): { readonly claim: NodeClaim; readonly part: NodePart } {
    const { asked, heldSlots } = stand(rule)
    const sharing = living.filter(({ claims }) => Object.hasOwn(claims, rule.name))
    const others = sharing.map(({ claims }) => claims[rule.name] as NodeClaim)
    const place = sharing.filter((one) => one.nodeId < nodeId).length
    const before = parts.get(rule.name)?.part ?? null
    const part = claimPart(rule.limit, { asked, part: before, heldSlots }, others, place)
    // What workers still hold of more that they had stays claimed until they give it up.
    const slots = part.slots === null ? null : Math.max(part.slots, heldSlots)
    return { claim: { asked, part: part.part, slots }, part }
  }
}
