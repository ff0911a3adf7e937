// A folder, a single file or a glob on this machine as a place of deliveries. Links are not followed out of it: what an import may read
// was decided by who configured the folder, not by who can write into it.

import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { Fault } from '../kernel/fault.ts'
import { compileGlob } from '../kernel/glob.ts'
import type { BillPlace, PlacedFile } from './bill-place.ts'

/** More than this is no folder of deliveries. */
const FILES_MAX = 100_000

/** @throws Fault `import_source` where there is nothing to read. */
export async function billFolder(source: string): Promise<BillPlace> {
  const wildcard = source.indexOf('*')
  const root = wildcard === -1 ? source : dirname(`${source.slice(0, wildcard)}x`)
  const found = await stat(root).catch((cause: unknown) => {
    throw new Fault('import_source', `${source} cannot be read`, { cause })
  })
  const base = await realpath(found.isDirectory() ? root : dirname(root))
  const matches = wildcard === -1 ? null : compileGlob(resolve(source))
  const only = found.isDirectory() ? null : basename(root)
  return {
    name: source,
    list: async () => {
      const files = only === null ? await filesUnder(base) : [await placed(base, only)]
      if (matches === null) return files
      return files.filter(({ path }) => matches(join(resolve(root), path)))
    },
    readText: async (path) => readFile(await within(base, path), 'utf8'),
    bring: (path) => within(base, path),
  }
}

async function filesUnder(base: string, folder = ''): Promise<readonly PlacedFile[]> {
  const entries = await readdir(join(base, folder), { withFileTypes: true })
  const files: PlacedFile[] = []
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) files.push(...(await filesUnder(base, path)))
    else if (entry.isFile()) files.push(await placed(base, path))
    if (files.length > FILES_MAX) {
      throw new Fault('import_source', `more than ${FILES_MAX} files lie under ${base}`)
    }
  }
  return files
}

async function placed(base: string, path: string): Promise<PlacedFile> {
  const { size, mtimeMs } = await lstat(join(base, path))
  return { path, bytes: size, mark: String(mtimeMs) }
}

async function within(base: string, path: string): Promise<string> {
  const real = await realpath(join(base, path)).catch((cause: unknown) => {
    throw new Fault('import_source', `${path} cannot be read`, { cause })
  })
  const inside = relative(base, real)
  if (inside === '..' || inside.startsWith(`..${sep}`) || inside === '') {
    throw new Fault('import_source', `${path} leads out of ${base}`)
  }
  return real
}
