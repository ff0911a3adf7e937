// `imports`: bills from a place the configuration allows, from files that are sent one by one, and from what the configuration names.
// A run goes on after its answer; `GET imports/{import_id}` says how far it is and what became of it.

import { z } from '@hono/zod-openapi'
import type { ImportService } from '../imports/imports.ts'
import { IMPORT_STATES, type ImportState } from '../store/import-table.ts'
import { billRefusal } from './bill-refusal.ts'
import { readBody } from './body.ts'
import {
  importPage,
  importShape,
  newImport,
  recurringImports,
  uploadedFile,
} from './import-schema.ts'
import { invalidRequest } from './problem.ts'
import { one, parseLimit, unexpected } from './query.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { jsonAnswer, jsonBody, optional, problemAnswer } from './schemas.ts'

export type ImportRouteDeps = AuthenticationDeps & { readonly imports: ImportService }

const tags = ['imports']
const path = '/api/v1/imports'
const idParams = z.object({ import_id: z.string() })
const NO_SUCH_IMPORT = problemAnswer('No such import.')
const RUNNING = problemAnswer('An import of this name is running.')
const STARTED = jsonAnswer('It runs.', importShape)

export function addImportRoutes(api: Api, deps: ImportRouteDeps): void {
  // Before those with an id: `names` is no id.
  addRecurring(api, deps)
  addReading(api, deps)
  addMaking(api, deps)
  addUpload(api, deps)
}

function addRecurring(api: Api, deps: ImportRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: `${path}/names`,
      summary: 'Imports the configuration names, with their last run',
      tags,
      audience: 'imports.read',
      responses: { 200: jsonAnswer('All of them, as the file has them.', recurringImports) },
    },
    async (c) => c.json({ items: await deps.imports.recurring(), next_cursor: null }),
  )
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: `${path}/names/{name}/run`,
      summary: 'Run an import of the configuration now',
      tags,
      audience: 'imports.run',
      request: { params: z.object({ name: z.string() }) },
      responses: { 202: STARTED, 404: NO_SUCH_IMPORT, 409: RUNNING },
    },
    async (c) => {
      const run = await deps.imports.runName(c.get('actor').name, c.req.param('name') ?? '')
      return run.ok ? c.json(run.value, 202) : billRefusal(run.problem)
    },
  )
}

function addReading(api: Api, deps: ImportRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path,
      summary: 'Imports, newest first',
      tags,
      audience: 'imports.read',
      request: {
        query: z.object({
          name: optional('Only of this name'),
          state: optional(`One of ${IMPORT_STATES.join(', ')}. Default: all`),
          cursor: optional('`next_cursor` of the page before'),
          limit: optional('1 to 1000. Default: 100'),
        }),
      },
      responses: {
        200: jsonAnswer('One page.', importPage),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const query = c.req.queries()
      const errors = unexpected(query, ['name', 'state', 'cursor', 'limit'])
      const name = one(query, 'name', errors) ?? null
      const state = (one(query, 'state', errors) ?? null) as ImportState | null
      const before = one(query, 'cursor', errors) ?? null
      const limit = parseLimit(one(query, 'limit', errors), errors)
      if (state !== null && !IMPORT_STATES.includes(state)) {
        errors.push({ path: 'state', message: `must be one of ${IMPORT_STATES.join(', ')}` })
      }
      if (errors.length > 0) return invalidRequest(errors)
      const rows = await deps.imports.page({ name, state, before, limit: limit + 1 })
      const items = rows.slice(0, limit)
      const next = rows.length > limit ? (items.at(-1)?.import_id ?? null) : null
      return c.json({ items, next_cursor: next })
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: `${path}/{import_id}`,
      summary: 'One import: how far it is, or what it brought',
      tags,
      audience: 'imports.read',
      request: { params: idParams },
      responses: { 200: jsonAnswer('The import.', importShape), 404: NO_SUCH_IMPORT },
    },
    async (c) => {
      const found = await deps.imports.find(c.req.param('import_id') ?? '')
      return found.ok ? c.json(found.value) : billRefusal(found.problem)
    },
  )
}

function addMaking(api: Api, deps: ImportRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path,
      summary: 'Import a bill, or outcomes',
      description:
        'With a source it runs at once (202). Without one it takes files (201): send them, then run it. ' +
        'The same again changes nothing.',
      tags,
      audience: 'imports.run',
      request: jsonBody(newImport),
      responses: {
        201: jsonAnswer('It takes files.', importShape),
        202: STARTED,
        400: problemAnswer('Every fault, or a source that may not be read.'),
        409: RUNNING,
      },
    },
    async (c) => {
      const body = await readBody(c, newImport)
      if (!body.ok) return body.problem
      const name = body.value.name ?? body.value.kind
      const made = await deps.imports.create(c.get('actor'), { ...body.value, name })
      if (!made.ok) return billRefusal(made.problem)
      return c.json(made.value, made.value.state === 'open' ? 201 : 202)
    },
  )
  addRoute(
    api,
    deps,
    {
      method: 'post',
      path: `${path}/{import_id}/run`,
      summary: 'Import the files that were sent',
      tags,
      audience: 'imports.run',
      request: { params: idParams },
      responses: { 202: STARTED, 404: NO_SUCH_IMPORT, 409: RUNNING },
    },
    async (c) => {
      const id = c.req.param('import_id') ?? ''
      const run = await deps.imports.run(c.get('actor').name, id)
      return run.ok ? c.json(run.value, 202) : billRefusal(run.problem)
    },
  )
}

function addUpload(api: Api, deps: ImportRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'put',
      path: `${path}/{import_id}/files/{path}`,
      summary: 'Send one file of an import',
      description:
        'The path is the file’s place in its delivery with / written as %2F; manifests belong to it. ' +
        'The body is the file as it is. All files together may have billing.upload_size bytes.',
      tags,
      audience: 'imports.run',
      bodyBytesMax: null,
      request: {
        params: idParams.extend({ path: z.string() }),
        body: {
          required: true,
          content: { 'application/octet-stream': { schema: z.string() } },
        },
      },
      responses: {
        200: jsonAnswer('It is there.', uploadedFile),
        400: problemAnswer('A name that cannot be.'),
        404: NO_SUCH_IMPORT,
        409: problemAnswer('The import takes no files any more.'),
        413: problemAnswer('Too many bytes or files.'),
      },
    },
    async (c) => {
      const [id, name] = [c.req.param('import_id') ?? '', c.req.param('path') ?? '']
      const put = await deps.imports.put(id, name, c.req.raw.body)
      return put.ok ? c.json(put.value) : billRefusal(put.problem)
    },
  )
}
