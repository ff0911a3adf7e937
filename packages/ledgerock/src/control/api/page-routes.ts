// The start page at `/`: one honest small page until the dashboard is there. It is static; everything it shows comes from the
// API under the reader's own session.

import { readFileSync } from 'node:fs'
import type { Api } from './route.ts'

const PAGES = [
  { path: '/', file: 'page.html', type: 'text/html; charset=utf-8' },
  { path: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  { path: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: '/links.js', file: 'links.js', type: 'text/javascript; charset=utf-8' },
] as const

export function addPageRoutes(api: Api): void {
  for (const { path, file, type } of PAGES) {
    const content = readFileSync(new URL(`../page/${file}`, import.meta.url), 'utf8')
    api.get(path, (c) => c.body(content, 200, { 'content-type': type }))
  }
}
