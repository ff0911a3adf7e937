// From AWS's billing name of a model to its base model id: a table of the odd ones, then the names and ids of the book itself,
// compared without case and punctuation (`USE1-zai.glm5-mantle-…` is zai.glm-5, `Claude4.6Sonnet` is Claude Sonnet 4.6). A name
// that could mean two models means none.

import { resolveModel } from '../model-catalog.ts'
import type { PriceBook } from '../price-book.ts'
import { BILLING_NAMES } from './billing-names.ts'

export type ModelNames = {
  readonly book: PriceBook
  /** Own names and ids first; what is left of them without version, date and `Instruct` second. */
  readonly exact: ReadonlyMap<string, ReadonlySet<string>>
  readonly loose: ReadonlyMap<string, ReadonlySet<string>>
}

const compiled = new WeakMap<PriceBook, ModelNames>()

export function modelNames(book: PriceBook): ModelNames {
  const known = compiled.get(book)
  if (known !== undefined) return known
  const exact = new Map<string, Set<string>>()
  const loose = new Map<string, Set<string>>()
  const add = (names: Map<string, Set<string>>, name: string, modelId: string): void => {
    const key = plainName(name)
    names.set(key, (names.get(key) ?? new Set()).add(modelId))
  }
  for (const { modelId, model, isSharedOnly } of book.models.values()) {
    if (isSharedOnly) continue
    const [, afterProvider = modelId] = /^[^.]+\.(.+)$/.exec(modelId) ?? []
    const aliases = model.aliases ?? []
    for (const name of [model.name, modelId, ...aliases]) add(exact, name, modelId)
    for (const name of familyLast(model.name)) add(exact, name, modelId)
    const bare = model.name.replace(/ (Chat |)Instruct$/, '')
    for (const name of [bare, `${model.provider} ${bare}`, `${model.provider} ${model.name}`]) {
      add(loose, name, modelId)
    }
    for (const id of [modelId, afterProvider, ...aliases]) {
      add(loose, id, modelId)
      add(loose, withoutVersion(id), modelId)
    }
  }
  const names = { book, exact, loose }
  compiled.set(book, names)
  return names
}

/** Every model sold under a billing name; none where the name is not known. */
export function modelsCalled(names: ModelNames, billingName: string): readonly string[] {
  const key = plainName(billingName)
  const listed = BILLING_NAMES.get(key)?.filter((modelId) => names.book.models.has(modelId))
  if (listed !== undefined && listed.length > 0) return listed
  const found = names.exact.get(key) ?? names.loose.get(key)
  return found?.size === 1 ? [...found] : []
}

/** The model a bill line's resource ARN names; null for what only AWS can look up. */
export function modelOfResource(names: ModelNames, resourceId: string): string | null {
  if (!resourceId.startsWith('arn:')) return null
  const identity = resolveModel(names.book, resourceId)
  return identity.kind === 'resolved' ? identity.modelId : null
}

export function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace('(amazon bedrock edition)', '')
    .replaceAll('+', 'plus')
    .replaceAll(/[^a-z0-9]/g, '')
}

/** `Claude Sonnet 4.6` is billed as `Claude4.6Sonnet`. */
function familyLast(name: string): readonly string[] {
  const [, maker, family, version] = /^(Claude) (\w+) (\d[\d.]*)$/.exec(name) ?? []
  return maker === undefined ? [] : [`${maker} ${version} ${family}`]
}

function withoutVersion(id: string): string {
  return id.replace(/-v?\d+(:\d+)?$/, '').replace(/-\d{8}$/, '')
}
