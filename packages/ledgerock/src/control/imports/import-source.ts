// What an import may read. Whoever asks through the API names a place below a folder or prefix that the configuration names, or one of
// its imports: an API that reads any path would read the machine. Links and `..` do not lead out.

import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { parseS3, s3Place } from '../../aws/s3-place.ts'
import { billFolder } from '../../billing/bill-folder.ts'
import type { BillPlace } from '../../billing/bill-place.ts'
import { err, ok, type Result } from '../../kernel/result.ts'

export type SourceRules = {
  /** Absolute folders and `s3://` prefixes. */
  readonly roots: readonly string[]
  /** What stands in the configuration may be read as it stands there. */
  readonly declared: readonly string[]
  /** The asker can read the data directory anyway: the command line where no server runs. */
  readonly isAnything: boolean
}

/** The place with links resolved, or why not. */
export async function allowedSource(
  written: string,
  { roots, declared, isAnything }: SourceRules,
): Promise<Result<string, string>> {
  const problem = shapeProblem(written)
  if (problem !== null) return err(problem)
  if (isAnything || declared.includes(written)) return ok(written)
  const all = [...roots, ...declared.filter((source) => !source.includes('*'))]
  if (isS3(written)) {
    return all.some((root) => isS3(root) && isBelow(written, root, '/'))
      ? ok(written)
      : err(`${written} is below none of billing.roots and imports`)
  }
  const { fixed, rest } = fixedPart(written)
  const real = await realpath(fixed).catch(() => null)
  for (const root of real === null ? [] : all) {
    if (isS3(root)) continue
    const realRoot = await realpath(root).catch(() => null)
    if (realRoot !== null && isBelow(real ?? '', realRoot, path.sep)) {
      return ok(path.join(real ?? '', rest))
    }
  }
  // Whether it is there is no business of somebody who may not read it.
  return err(`${written} is below none of billing.roots and imports, or is not there`)
}

export type OpenPlace = {
  readonly place: BillPlace
  readonly close: () => void
}

/** @throws Fault `import_source` where there is nothing to read */
export async function openPlace(
  source: string,
  region: string,
  onBytes: (bytes: number) => void,
): Promise<OpenPlace> {
  if (!isS3(source)) return { place: await billFolder(source), close: () => {} }
  const place = s3Place(source, { region, onBytes })
  return { place, close: place.close }
}

export function isS3(source: string): boolean {
  return source.startsWith('s3://')
}

function shapeProblem(source: string): string | null {
  if (source.includes('\0')) return 'a source has no such characters'
  if (source.split(/[/\\]/).some((part) => part === '..'))
    return 'a source goes down, not up: no ..'
  if (isS3(source)) return parseS3(source) === null ? 'must be s3://bucket/prefix' : null
  return path.isAbsolute(source) ? null : 'must be an absolute path, or s3://bucket/prefix'
}

function isBelow(source: string, root: string, separator: string): boolean {
  const folder = root.endsWith(separator) ? root : `${root}${separator}`
  return source === root || `${source}${separator}` === folder || source.startsWith(folder)
}

/** Before the first `*` a path is one that is there. */
function fixedPart(source: string): { readonly fixed: string; readonly rest: string } {
  const wildcard = source.indexOf('*')
  if (wildcard < 0) return { fixed: source, rest: '' }
  const fixed = path.dirname(`${source.slice(0, wildcard)}x`)
  return { fixed, rest: source.slice(fixed.length) }
}
