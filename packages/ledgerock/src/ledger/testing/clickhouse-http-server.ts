// A server that speaks ClickHouse's HTTP protocol in front of an embedded engine, so that everything we do with a server is
// tested over its real protocol: statements in the body or the URL, settings in the URL, gzip both ways, errors as
// `Code: N. DB::Exception`. It can also be a bad server: slow, gone, cut off in the middle, or successful in secret.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ChdbConnection } from 'chdb/connection'

export const MISHAPS = [
  /** The connection is reset before the statement runs. */
  'reset_before',
  /** The statement runs, the answer never comes: the connection is reset. */
  'reset_after',
  /** The statement runs, half of the answer comes. */
  'half_response',
  /** The server says it is overloaded. */
  'overloaded',
  /** The statement runs after the client has given up waiting. */
  'late',
] as const
export type Mishap = (typeof MISHAPS)[number]

export type TestServer = {
  readonly url: string
  /** Decides what happens to each statement; null lets all be well. */
  readonly setMishaps: (choose: ((statement: string) => Mishap | null) | null) => void
  /** Refuses connections until `comeBack`. */
  readonly goAway: () => Promise<void>
  readonly comeBack: () => Promise<void>
  readonly statements: () => number
  readonly close: () => Promise<void>
}

const LATE_MS = 300

export async function startClickHouseServer(path: string): Promise<TestServer> {
  const engine = new ChdbConnection({ path })
  let choose: ((statement: string) => Mishap | null) | null = null
  let statements = 0
  // One connection of the engine takes one statement at a time.
  let queue: Promise<unknown> = Promise.resolve()

  const run = (url: URL, statement: string): Promise<Buffer> => {
    statements += 1
    const result = queue.then(() => execute(engine, url, statement))
    queue = result.catch(() => undefined)
    return result
  }
  const server = createServer((request, response) => {
    handle(run, (statement) => choose?.(statement) ?? null, request, response).catch(() => {
      response.destroy()
    })
  })
  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    setMishaps: (next) => {
      choose = next
    },
    goAway: () => stop(server),
    comeBack: () => listen(server, port),
    statements: () => statements,
    close: async () => {
      await stop(server)
      await queue
      await engine.close()
    },
  }
}

async function handle(
  run: (url: URL, statement: string) => Promise<Buffer>,
  choose: (statement: string) => Mishap | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://server')
  if (url.pathname === '/ping') {
    response.end('Ok.\n')
    return
  }
  const bytes = await readBody(request)
  const inUrl = url.searchParams.get('query')
  const uploaded = PARQUET_UPLOAD.exec(inUrl ?? '')
  if (uploaded !== null) {
    return insertParquet(run, url, uploaded, bytes).then(
      (result) => succeed(request, response, result, false),
      (error: unknown) => fail(response, error instanceof Error ? error.message : String(error)),
    )
  }
  const body = bytes.toString('utf8')
  const statement = inUrl === null ? body : body === '' ? inUrl : `${inUrl}\n${body}`
  const mishap = choose(statement)
  if (mishap === 'reset_before') return void request.socket.resetAndDestroy()
  if (mishap === 'overloaded')
    return fail(
      response,
      'Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)',
    )
  if (mishap === 'late') {
    request.socket.resetAndDestroy()
    await new Promise((resolve) => setTimeout(resolve, LATE_MS))
  }
  try {
    const result = await run(url, statement)
    if (mishap === 'late') return
    if (mishap === 'reset_after') return void request.socket.resetAndDestroy()
    succeed(request, response, result, mishap === 'half_response')
  } catch (error) {
    if (mishap !== 'late') fail(response, error instanceof Error ? error.message : String(error))
  }
}

const PARQUET_UPLOAD = /^\s*INSERT INTO (\S+) \(([^)]*)\)\s+FORMAT Parquet\s*$/i

/** The engine takes no bytes beside a statement: they become a file, read as the types the table's columns have. */
async function insertParquet(
  run: (url: URL, statement: string) => Promise<Buffer>,
  url: URL,
  [, table = '', names = '']: readonly string[],
  bytes: Buffer,
): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'parquet-upload-'))
  try {
    const path = join(folder, 'body.parquet')
    writeFileSync(path, bytes)
    const described = await run(url, `DESCRIBE TABLE ${table} FORMAT JSONEachRow`)
    const wanted = new Set(names.split(',').map((name) => name.trim().replaceAll('`', '')))
    const columns = described
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly name: string; readonly type: string })
      .filter(({ name }) => wanted.has(name))
    const structure = columns.map(({ name, type }) => `\`${name}\` ${type}`).join(', ')
    const own = columns.map(({ name }) => `\`${name}\``).join(', ')
    const quoted = structure.replaceAll("'", "''")
    return await run(
      url,
      `INSERT INTO ${table} (${own}) SELECT ${own} FROM file('${path}', Parquet, '${quoted}')`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function execute(engine: ChdbConnection, url: URL, statement: string): Promise<Buffer> {
  const settings = [...url.searchParams].filter(([name]) => !NOT_SETTINGS.has(name))
  const { text, format } = withFormat(statement, url.searchParams.get('default_format'))
  const said = settings.map(([name, value]) => `SET ${name} = '${value.replaceAll("'", "''")}'`)
  const sql = [...said, text].join('; ')
  const result = await engine.chdb.queryAsync(sql, { format })
  return Buffer.from(result.bytes())
}

/** Parameters of the request itself, and settings that only a server has. */
const NOT_SETTINGS: ReadonlySet<string> = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'session_id',
  'enable_http_compression',
  'wait_end_of_query',
  'send_progress_in_http_headers',
])

/** The engine wants the format beside the statement; a server reads it from the end of the statement. */
function withFormat(statement: string, standard: string | null): { text: string; format: string } {
  const found = /\sFORMAT\s+(\w+)\s*;?\s*$/i.exec(statement)
  const isInsert = /^\s*INSERT/i.test(statement)
  if (found === null || isInsert) return { text: statement, format: standard ?? 'TabSeparated' }
  return { text: statement.slice(0, found.index), format: found[1] ?? 'TabSeparated' }
}

function succeed(
  request: IncomingMessage,
  response: ServerResponse,
  result: Buffer,
  half: boolean,
): void {
  const zipped = /gzip/.test(request.headers['accept-encoding']?.toString() ?? '')
  const bytes = zipped ? gzipSync(result) : result
  response.writeHead(200, {
    'content-type': 'text/plain; charset=UTF-8',
    'content-length': bytes.length,
    'x-clickhouse-summary': JSON.stringify({ read_rows: '0', written_rows: '0', elapsed_ns: '0' }),
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  })
  if (!half) return void response.end(bytes)
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
    request.socket.resetAndDestroy()
  })
}

function fail(response: ServerResponse, message: string): void {
  const code = /Code: (\d+)\./.exec(message)?.[1] ?? '1002'
  response.writeHead(code === '202' ? 503 : 500, { 'x-clickhouse-exception-code': code })
  response.end(message)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const zipped = request.headers['content-encoding'] === 'gzip'
  return zipped ? gunzipSync(bytes) : bytes
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve()
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
