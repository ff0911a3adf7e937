// Whether files import each other in a circle, by types too: then none of them can be understood without the others.

import type { Check, File } from './file.ts'
import { importsOf, resolveImport } from './imports.ts'

/** A complaint for each file of a circle, with the way round. */
export const checkCircles: Check = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const complaints: string[] = []
  const done = new Set<string>()
  const way: string[] = []
  const visit = (file: File): void => {
    const begin = way.indexOf(file.path)
    if (begin >= 0) {
      const circle = way.slice(begin)
      const round = [...circle, file.path].join(' → ')
      complaints.push(...circle.map((each) => `${each}: is in a circle, ${round}`))
    }
    if (begin >= 0 || done.has(file.path)) return
    way.push(file.path)
    for (const { from } of importsOf(file)) {
      const next = from.startsWith('.') ? byPath.get(resolveImport(file.path, from)) : undefined
      if (next !== undefined) visit(next)
    }
    way.pop()
    done.add(file.path)
  }
  for (const file of files) if (file.path.endsWith('.ts')) visit(file)
  return complaints
}
