// A file's text against the schema: either the data with every default, or every fault at its line. Pure.

import type * as z from 'zod'
import { compileDimensionRules } from '../attribution/dimension-rule.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { checkTogether, type Outside } from './check/check.ts'
import type { ConfigFault } from './fault.ts'
import { knownKeys } from './known-keys.ts'
import { nearest } from './nearest.ts'
import { dimensionsOf } from './settings/settings-of-file.ts'
import { configSchema, type ConfigFile } from './schema/schema.ts'
import { readYaml, type Path, type Variables, type YamlSource } from './yaml-source.ts'

export type Placed = {
  readonly path: Path
  readonly message: string
  readonly part: 'key' | 'value'
  readonly shown: boolean
}

export function validateText(
  text: string,
  file: string | null,
  env: Variables,
  outside: Outside | null,
): Result<ConfigFile, readonly ConfigFault[]> {
  const source = readYaml(text, env)
  const data = withoutEmptySections(source.data)
  const parsed = parseWithVariables(data, source)
  const placed: Placed[] = parsed.success
    ? []
    : parsed.error.issues.flatMap((issue) => placedIssues(issue, data))
  for (const { path, message } of checkTogether(data, outside)) {
    placed.push({ path, message, part: 'value', shown: false })
  }
  const broken = new Set(source.faults.map(({ path }) => pathText(path)).filter((at) => at !== ''))
  const faults = [
    ...source.faults.map(({ path, ...rest }) => ({ ...rest, path: pathText(path), file })),
    ...placed
      .filter(({ path }) => !broken.has(pathText(path)))
      .map((fault) => ({
        path: pathText(fault.path),
        message: fault.shown ? withWritten(fault, source) : fault.message,
        file,
        ...placeIn(source, file, fault.path, fault.part),
      })),
  ]
  if (!parsed.success || faults.length > 0) return err(inOrder(faults))
  const refused = compileDimensionRules(dimensionsOf(parsed.data.dimensions))
  if (refused.ok) return ok(parsed.data)
  return err(
    refused.problem.map(({ dimension, message }) => {
      const path = ['dimensions', dimension]
      return { path: pathText(path), message, file, ...placeIn(source, file, path) }
    }),
  )
}

function placeIn(
  source: YamlSource,
  file: string | null,
  path: Path,
  part: 'key' | 'value' = 'key',
): { readonly line: number | null; readonly column: number | null } {
  return file === null ? { line: null, column: null } : source.place(path, part)
}

/** `keys[0].bind.team` */
export function pathText(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}

/** What a variable brings is text; where the schema wants a number or a truth value, the text is read as one. */
function parseWithVariables(data: unknown, source: YamlSource): ReturnType<typeof safeParse> {
  const first = safeParse(data)
  if (first.success) return first
  let changed = false
  for (const { path } of first.error.issues) {
    const at = path as Path
    if (!source.hasVariable(at)) continue
    const holder = valueAt(data, at.slice(0, -1)) as Record<string | number, unknown>
    const last = at.at(-1) as string | number
    const read = readScalar(String(holder[last]))
    if (read === undefined) continue
    holder[last] = read
    changed = true
  }
  return changed ? safeParse(data) : first
}

function safeParse(data: unknown): z.ZodSafeParseResult<ConfigFile> {
  return configSchema.safeParse(data)
}

function readScalar(text: string): number | boolean | undefined {
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** What the schema found, at the places of `data`, in words for people. */
export function placedIssues(issue: z.core.$ZodIssue, data: unknown): readonly Placed[] {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: unknownKey(key, path),
      part: 'key' as const,
      shown: false,
    }))
  }
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue)
    if (meant !== null) return meant.flatMap((inner) => placedIssues(inner, data))
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? issue.message
    return [{ path, message, part: 'key', shown: false }]
  }
  if (valueAt(data, path) === undefined) {
    return [{ path, message: `is missing: ${issue.message}`, part: 'value', shown: false }]
  }
  const inPlain = issue.message
    .replace(/^Invalid input: expected object.*/, 'must be a map')
    .replace(/^Invalid input: expected array.*/, 'must be a list')
  const part = inPlain.startsWith('not supported yet') ? 'key' : 'value'
  return [{ path, message: inPlain, part, shown: inPlain.startsWith('must be') }]
}

const OTHER_KIND: ReadonlySet<unknown> = new Set(['invalid_type', 'invalid_value'])

/** Of several shapes the one that has the kind of the value (a map, a list, a text), with its issues at their full paths. */
function meantBranch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] | null {
  const ofItsKind = issue.errors.filter(
    (branch) => !branch.some(({ code, path }) => OTHER_KIND.has(code) && path.length === 0),
  )
  const [meant] = ofItsKind
  if (meant === undefined || ofItsKind.length > 1) return null
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

function unknownKey(key: string, path: Path): string {
  const meant = nearest(key, knownKeys(configSchema, path))
  return `unknown key${meant === null ? '' : `; did you mean ${meant}?`}`
}

/** Store addresses may hold a password, so they are never shown, not even as the file has them. */
function withWritten(fault: Placed, source: YamlSource): string {
  const written = fault.path[0] === 'stores' ? null : source.written(fault.path)
  return written === null || written === '' ? fault.message : `${fault.message}, not ${written}`
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const segment of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string | number, unknown>)[segment]
  }
  return value
}

/** `gateway:` with nothing below it is an empty section, as people leave them when they comment lines out. */
function withoutEmptySections(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(data)) {
    if (value === null && configSchema.shape[key as keyof ConfigFile] !== undefined) continue
    kept[key] = key === 'dimensions' ? emptyForNull(value) : value
  }
  return kept
}

function emptyForNull(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, rules]) => [name, rules ?? {}]))
}

function inOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  const seen = new Set<string>()
  return faults
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
    .filter((fault) => {
      const id = `${fault.line}:${fault.path}:${fault.message}`
      return !seen.has(id) && seen.add(id)
    })
}
