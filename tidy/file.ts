// The repository's own files as the checks see them, and what a file's path says about it.

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export type File = { readonly path: string; readonly text: string }

/** From files to complaints, one line each. */
export type Check = (files: readonly File[]) => readonly string[]

export const ROOT = path.dirname(import.meta.dirname)
export const SRC = 'packages/ledgerock/src/'

const SKIPPED =
  /^(node_modules|data|dist|coverage|__pycache__)$|^\.(?!ci$|npmrc$|oxlintrc|prettier|gitignore)/
const READ = /\.(ts|js|md|json|yaml|yml|sql|py|sh)$|^\.npmrc$|^\.ci\//

export const isTest = (file: string): boolean => /\.test\.ts$|\/testing\/|\/test\//.test(file)
export const isSource = (file: string): boolean =>
  file.endsWith('.ts') && file.startsWith('packages/')
export const lineOf = (text: string, index: number): number =>
  text.slice(0, index).split('\n').length

export function readTree(folder = ''): File[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const at = path.posix.join(folder, entry.name)
    if (SKIPPED.test(entry.name)) return []
    if (entry.isDirectory()) return readTree(at)
    return READ.test(at) ? [{ path: at, text: readFileSync(path.join(ROOT, at), 'utf8') }] : []
  })
}
