// Names, documents and rules: what a reader finds his way by must be there and point to what is there.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { lineOf, ROOT, SRC, type Check } from './file.ts'

export const checkNames: Check = (files) =>
  files
    .filter(({ path: file }) => /^(packages|docs|bench)\//.test(file))
    .flatMap(({ path: file }) => {
      const names = file.split('/')
      const name = names.at(-1) ?? ''
      const isKebab = names.every((part) =>
        /^(README\.md|__[a-z]+__|[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*)$/.test(part),
      )
      const isVague = /^(utils?|helpers?|types|misc|common|shared)(\.test)?\.ts$/.test(name)
      const isBarrel = name === 'index.ts' && file.startsWith(SRC)
      return [
        ...(isKebab ? [] : [`${file}: not kebab-case`]),
        ...(isVague ? [`${file}: a name that says nothing`] : []),
        ...(isBarrel ? [`${file}: an index inside a package hides cycles`] : []),
      ]
    })

/** A room's README has numbered rules, each cited by a test; what a test cites is a rule somewhere. */
export const checkRules: Check = (files) => {
  const readmes = files.filter(({ path: file }) =>
    /^packages\/.*README\.md$|^docs\/architecture\.md$/.test(file),
  )
  const rules = readmes.flatMap((file) =>
    [...file.text.matchAll(/^\s*[-|] \*\*([A-Z]{1,2}\d+)\b/gm)].map(([, id = '']) => ({
      id,
      path: file.path,
    })),
  )
  const tests = files.filter(
    ({ path: file }) => file.endsWith('.test.ts') && !file.startsWith('tidy'),
  )
  const cited = new Map(
    tests.flatMap((file) =>
      [...file.text.matchAll(/\[([A-Z]{1,2}\d+)\]/g)].map(([, id = '']) => [id, file.path]),
    ),
  )
  const known = new Map(rules.map((rule) => [rule.id, rule.path]))
  const rooms = new Set(
    files
      .map(({ path: file }) => file)
      .filter((file) => file.startsWith(SRC))
      .flatMap((file) => {
        const [room = '', ...rest] = file.slice(SRC.length).split('/')
        return rest.length > 0 ? [room] : []
      }),
  )
  return [
    ...[...rooms].flatMap((room) => {
      const own = rules.some((rule) => rule.path === `${SRC}${room}/README.md`)
      return own ? [] : [`${SRC}${room}: no README.md with numbered rules`]
    }),
    ...rules
      .filter(({ id, path: file }) => known.get(id) !== file)
      .map(({ id, path: file }) => `${file}: ${id} is taken`),
    ...rules
      .filter(({ id }) => !cited.has(id))
      .map(({ id, path: file }) => `${file}: no test cites ${id}`),
    ...[...cited]
      .filter(([id]) => !known.has(id))
      .map(([id, file]) => `${file}: cites ${id}, which is no rule`),
  ]
}

/** In pieces, so that this file is not one of the places. */
const LEFTOVERS = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['XX', 'X'],
  ['HA', 'CK'],
] as const
const LEFTOVER = new RegExp(`\\b(${LEFTOVERS.map((word) => word.join('')).join('|')})\\b`)

export const checkLeftovers: Check = (files) =>
  files.flatMap((file) => {
    const found = LEFTOVER.exec(file.text)
    return found === null ? [] : [`${file.path}:${lineOf(file.text, found.index)}: ${found[0]}`]
  })

export const checkDocuments: Check = (files) => {
  const known = new Set(files.map(({ path: file }) => file))
  return files
    .filter(({ path: file }) => file.endsWith('.md'))
    .flatMap((file) => {
      const prose = file.text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')
      const headings = prose.match(/^# /gm)?.length ?? 0
      const links = [
        ...prose.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g),
      ]
      const dead = links
        .map(([, to = '']) => path.posix.join(path.posix.dirname(file.path), to))
        .filter((target) => {
          const folder = target.replace(/\/$/, '')
          return (
            ![...known].some((other) => other === target || other.startsWith(`${folder}/`)) &&
            !existsSync(path.join(ROOT, target))
          )
        })
      return [
        ...(headings === 1 ? [] : [`${file.path}: ${headings} first headings`]),
        ...dead.map((target) => `${file.path}: ${target} is not there`),
      ]
    })
}

/** Nothing in the repository may know on which machine it was written. */
export const checkMachine: Check = (files) => {
  const registry = URL.parse(process.env['npm_config_registry'] ?? '')?.host ?? 'registry.npmjs.org'
  const words = [`${ROOT}/`, ...(registry === 'registry.npmjs.org' ? [] : [registry])]
  const home = /(?<![\w.~}])\/(?:home|Users|root)\/[a-z]/
  return files.flatMap((file) => {
    const found = words.find((word) => file.text.includes(word)) ?? home.exec(file.text)?.[0]
    return found === undefined ? [] : [`${file.path}: ${found} exists on one machine only`]
  })
}
