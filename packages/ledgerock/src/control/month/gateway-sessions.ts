// Whose a session is that a gateway of ours made: its name was written from the owner's dimensions so that it can be read back. A
// name that had to be shortened ends in a mark and cannot be; then only an owner whose name would be the same can be its maker.

import { UNKNOWN } from '@ledgerock/contract'
import {
  compileSessionTemplate,
  sessionName,
  type SessionTemplate,
} from '../../aws/session-words.ts'
import { mustOk } from '../../kernel/result.ts'
import { isNobody, type Owner } from '../../reconciliation/owner.ts'

/** Of a target of the configuration that lends sessions. */
export type SessionTarget = { readonly roleArn: string; readonly sessionName: string }

export type SessionReader = {
  /** Null: no session of ours, or one that says nobody. */
  readonly ownerOf: (principal: string) => Owner | null
}

type Target = { readonly prefix: string; readonly template: SessionTemplate }

/** `known` are owners that may have made calls: only by them a marked name can be told. */
export function sessionReader(
  targets: readonly SessionTarget[],
  known: readonly Owner[],
): SessionReader {
  const compiled = targets.flatMap((target) => {
    const prefix = sessionPrefix(target.roleArn)
    // The configuration was checked when it was read.
    const template = mustOk(compileSessionTemplate(target.sessionName))
    return prefix === null ? [] : [{ prefix, template }]
  })
  const byName = new Map<string, Owner>()
  for (const target of compiled) {
    for (const owner of known) {
      const values = target.template.dimensions.map((name) => owner[name] ?? UNKNOWN)
      byName.set(
        target.prefix + sessionName(target.template, values),
        ownerOfValues(target.template, values),
      )
    }
  }
  const seen = new Map<string, Owner | null>()
  return {
    ownerOf(principal) {
      let owner = seen.get(principal)
      if (owner === undefined) {
        const made = byName.get(principal) ?? readOwner(compiled, principal)
        owner = made === null || isNobody(made) ? null : made
        seen.set(principal, owner)
      }
      return owner
    },
  }
}

/** `arn:aws:iam::1:role/path/name` → `arn:aws:sts::1:assumed-role/name/`: sessions do not show a role's path. */
export function sessionPrefix(roleArn: string): string | null {
  const [, partition, account, path] =
    /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(.+)$/.exec(roleArn) ?? []
  if (partition === undefined || path === undefined) return null
  return `arn:${partition}:sts::${account}:assumed-role/${path.slice(path.lastIndexOf('/') + 1)}/`
}

function readOwner(targets: readonly Target[], principal: string): Owner | null {
  for (const { prefix, template } of targets) {
    if (!principal.startsWith(prefix)) continue
    const values = readValues(template, principal.slice(prefix.length))
    if (values !== null) return ownerOfValues(template, values)
  }
  return null
}

/** The values of a name as it was written; null where it is another's, or marked. */
function readValues(template: SessionTemplate, name: string): readonly string[] | null {
  const { texts, dimensions } = template
  const [first = '', ...following] = texts
  if (!name.startsWith(first)) return null
  const values: string[] = []
  let from = first.length
  for (const [index, text] of following.entries()) {
    const isLast = index === following.length - 1
    const end = isLast ? name.length - text.length : name.indexOf(text, from)
    if (end < from) return null
    values.push(name.slice(from, end))
    from = end + text.length
  }
  // Written again it is the same, or it was not made by this template from these values.
  const isOurs = values.length === dimensions.length && sessionName(template, values) === name
  return isOurs ? values : null
}

function ownerOfValues({ dimensions }: SessionTemplate, values: readonly string[]): Owner {
  const pairs = dimensions.map((dimension, index) => [dimension, values[index] ?? UNKNOWN] as const)
  return Object.fromEntries(pairs.filter(([, value]) => value !== UNKNOWN && value !== ''))
}
