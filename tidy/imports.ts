// Which folder may import which, which packages a package may use, and which files nothing leads to. Imports are read by a
// scan of the statements; `import(…)` and `new URL(…)` count too, since they lead to files as well.

import path from 'node:path'
import { isSource, isTest, SRC, type Check, type File } from './file.ts'

/** What each folder may import; `contract` and `kernel` everywhere. Tests and composition roots are free within a package. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  platform: [],
  aws: ['platform'],
  attribution: [],
  bedrock: [],
  pricing: [],
  governance: ['attribution', 'bedrock', 'pricing'],
  config: ['attribution', 'governance', 'platform', 'pricing', 'reconciliation'],
  billing: ['pricing'],
  reconciliation: ['attribution'],
  journal: [],
  ledger: ['journal'],
  gateway: ['attribution', 'bedrock', 'pricing', 'governance', 'journal', 'aws', 'platform'],
  control:
    'attribution bedrock pricing governance journal billing reconciliation ledger aws platform'.split(
      ' ',
    ),
}
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  journal: ['attribution', 'bedrock', 'pricing'],
  ledger: ['attribution', 'bedrock', 'pricing', 'billing'],
  governance: ['journal'],
  reconciliation: ['pricing', 'governance', 'billing', 'ledger'],
}
/** Parts of a domain whose files others use like those beside them. Any other sub-folder is its domain's own affair. */
const OPEN_PARTS = new Set(
  [
    ['bedrock/edit', 'bedrock/request', 'bedrock/usage'],
    ['config/check', 'config/schema', 'config/settings'],
    ['governance/budget', 'governance/credential', 'governance/limit', 'governance/trial'],
    ['reconciliation/focus', 'reconciliation/principal', 'reconciliation/statement'],
  ].flat(),
)
const COMPOSITION_ROOTS = new Set(['main', 'processes', 'cli'])

/** Functions from plain data to plain data; what they need of the world is handed to them. */
const PURE = new Set([
  'kernel',
  'attribution',
  'bedrock',
  'pricing',
  'governance',
  'reconciliation',
])
const EFFECTS =
  /^node:(fs|net|tls|https?2?|dns|dgram|child_process|worker_threads|os|sqlite|timers)\b/
const SIMULATOR = '@ledgerock/bedrock-simulator'

export type Import = { readonly from: string; readonly typesOnly: boolean }

export function importsOf({ text }: File): readonly Import[] {
  const found: Import[] = []
  const statement = /^(import|export)\s+(type\s)?([^'"`;]*?from\s+)?['"]([^'"\n]+)['"]/gm
  for (const [, , type, names = '', from = ''] of text.matchAll(statement)) {
    const named = /\{([^}]*)\}/.exec(names)?.[1]?.split(',') ?? []
    const all = named.map((name) => name.trim()).filter((name) => name !== '')
    const eachIsType = all.length > 0 && all.every((name) => name.startsWith('type '))
    found.push({
      from,
      typesOnly: type !== undefined || (eachIsType && !/\w\s*,\s*\{/.test(names)),
    })
  }
  for (const [, from = ''] of text.matchAll(/\bimport\(\s*['"]([^'"\n]+)['"]/g)) {
    found.push({ from, typesOnly: false })
  }
  for (const [, to = ''] of text.matchAll(/\bnew URL\(\s*['"]([^'":\n]+\.ts)['"]/g)) {
    found.push({ from: to.startsWith('.') ? to : `./${to}`, typesOnly: false })
  }
  return found
}

export const resolveImport = (file: string, from: string): string =>
  path.posix.join(path.posix.dirname(file), from)

/** `packages/ledgerock/src/ledger/clickhouse/x.ts` → `ledger`; the configuration is one room with its door. */
function roomOf(file: string): string {
  if (!file.startsWith(SRC)) return ''
  const [first = ''] = file.slice(SRC.length).split('/')
  return first.replace(/(\.test)?\.ts$/, '')
}

/** In a sub-folder that is its domain's own affair: it may touch the world, and only its domain may use it. */
function isInner(file: string): boolean {
  const [domain = '', part = '', ...rest] = file.slice(SRC.length).split('/')
  return rest.length > 0 && !OPEN_PARTS.has(`${domain}/${part}`)
}

export const checkImports: Check = (files) =>
  files
    .filter(({ path: file }) => isSource(file))
    .flatMap((file) => {
      const room = roomOf(file.path)
      const isFree = COMPOSITION_ROOTS.has(room) || room === '' || isTest(file.path)
      const isInside = isInner(file.path)
      return importsOf(file).flatMap(({ from, typesOnly }) => {
        if (!from.startsWith('.')) {
          const isDeep = /^(@ledgerock\/[^/]+|ledgerock)\/./.test(from)
          if (isDeep) return [`${file.path}: ${from} reaches into a package`]
          const isEffect = PURE.has(room) && !isInside && EFFECTS.test(from)
          if (isEffect && !isFree) return [`${file.path}: ${room} is pure: no ${from}`]
          const isSimulator = from === SIMULATOR && !isFree
          return isSimulator ? [`${file.path}: the simulator is no part of the product`] : []
        }
        const target = resolveImport(file.path, from)
        if (target.split('/')[1] !== file.path.split('/')[1])
          return [`${file.path}: ${from} leaves the package`]
        const wanted = roomOf(target)
        if (isFree || wanted === room || wanted === 'kernel') return []
        const may = [
          ...(MAY_IMPORT[room] ?? []),
          ...(typesOnly ? (MAY_IMPORT_TYPES[room] ?? []) : []),
          ...(isInside ? ['platform'] : []),
        ]
        if (!may.includes(wanted)) return [`${file.path}: ${room} may not import ${wanted}`]
        return isInner(target) ? [`${file.path}: ${target} is private to ${wanted}`] : []
      })
    })

type Manifest = {
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** Every package that is imported stands in the importing package's own manifest. */
export const checkDependencies: Check = (files) => {
  const manifests = new Map(
    files
      .filter(({ path: file }) => /^(packages\/[^/]+\/)?package\.json$/.test(file))
      .map((file) => {
        const {
          dependencies = {},
          devDependencies = {},
          name = '',
        } = JSON.parse(file.text) as Manifest
        const known = [...Object.keys(dependencies), ...Object.keys(devDependencies), name]
        return [path.posix.dirname(file.path), new Set(known)]
      }),
  )
  return files
    .filter(({ path: file }) => isSource(file))
    .flatMap((file) => {
      const own = manifests.get(file.path.split('/').slice(0, 2).join('/'))
      return importsOf(file).flatMap(({ from }) => {
        if (/^(\.|node:)/.test(from)) return []
        const name = from
          .split('/')
          .slice(0, from.startsWith('@') ? 2 : 1)
          .join('/')
        const isKnown =
          own?.has(name) === true || (isTest(file.path) && manifests.get('.')?.has(name) === true)
        return isKnown ? [] : [`${file.path}: ${name} is not a dependency of its package`]
      })
    })
}

/** Written before their user, each with the reason why; an entry goes away when something leads there. */
export const AWAITED: Readonly<Record<string, string>> = {}

/** What is started by its path rather than imported: doors, tests, and scripts that a document tells how to run. */
function isEntry({ path: file }: File, documents: string): boolean {
  const isDoor = /src\/(main|index)\.ts$/.test(file) || file.endsWith('.test.ts')
  return isDoor || !isSource(file) || documents.includes(`node ${path.posix.basename(file)}`)
}

export const checkReachable: Check = (files) =>
  unreachable(files)
    .filter((file) => !(file in AWAITED))
    .map((file) => `${file}: nothing leads to it`)

export function unreachable(files: readonly File[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const documents = files
    .filter(({ path: file }) => file.endsWith('.md'))
    .map(({ text }) => text)
    .join('\n')
  const reached = new Set<string>()
  const visit = (file: File): void => {
    if (reached.has(file.path)) return
    reached.add(file.path)
    for (const { from } of importsOf(file)) {
      const target = from.startsWith('.') ? byPath.get(resolveImport(file.path, from)) : undefined
      if (target !== undefined && (!isTest(file.path) || isTest(target.path))) visit(target)
    }
  }
  const sources = files.filter(({ path: file }) => file.endsWith('.ts'))
  for (const file of sources) if (isEntry(file, documents)) visit(file)
  return sources.map(({ path: file }) => file).filter((file) => !reached.has(file))
}
