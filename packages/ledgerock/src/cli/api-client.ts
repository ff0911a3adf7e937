// The control API as commands use it: the server that is named, else the one `<data>/run.json` names, else the same API inside
// this process over the data directory. Commands do not see which; only what streams needs a server.

import { createReadStream, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Problem } from '@ledgerock/contract'
import type { Secret } from '../config/secret.ts'
import { Fault } from '../kernel/fault.ts'
import type { CommandContext, OfflineApi } from './cli-deps.ts'
import { CommandError, failed, wrongUsage } from './command-error.ts'
import { EXIT } from './exit-code.ts'
import type { GlobalOptions } from './global-options.ts'
import { readRunFile } from './run-file.ts'
import { mustFindClientSettings, mustLoadConfig } from './settings.ts'
import { visible } from './table.ts'

/** A successful answer; others are thrown as the `CommandError` they mean. */
export type ApiAnswer = { readonly text: string; readonly json: unknown }

export type ApiClient = {
  readonly kind: 'server' | 'offline'
  readonly get: (route: string, query?: Query) => Promise<ApiAnswer>
  readonly send: (
    method: 'POST' | 'PUT' | 'DELETE',
    route: string,
    body?: unknown,
  ) => Promise<ApiAnswer>
  /** Like `send`, for bodies too large for one piece; `onSent` hears of every piece that is on its way. */
  readonly upload: (
    route: string,
    query: Query,
    body: Upload,
    onSent: (bytes: number) => void,
  ) => Promise<ApiAnswer>
  /** Puts a file of this machine there as it is. */
  readonly sendFile: (
    route: string,
    file: string,
    onSent: (bytes: number) => void,
  ) => Promise<ApiAnswer>
  /** A file's bytes as they come. */
  readonly download: (route: string, query: Query) => Promise<AsyncIterable<Uint8Array>>
  /** An event stream's body as it comes; `lastEventId` goes on where an earlier one ended. */
  readonly stream: (
    route: string,
    query: Query,
    signal: AbortSignal,
    lastEventId: string | null,
  ) => Promise<ReadableStream<Uint8Array>>
  readonly close: () => Promise<void>
}

export type Upload = { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> }

/** A list is repeated, undefined is left out. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>

type Send = (path: string, init: RequestInit) => Response | Promise<Response>

const API_ROOT = '/api/v1/'
const PROBE_TIMEOUT_MS = 3_000
const STARTING_POLL_MS = 100
const UPLOAD_PIECE_BYTES = 65_536
const ADMIN_TOKEN_FILE_NAME = 'admin-token'

export async function connectApi(
  { io, deps }: CommandContext,
  flags: GlobalOptions,
): Promise<ApiClient> {
  const settings = mustFindClientSettings(io, flags)
  const run = readRunFile(settings.dataDir)
  if (settings.url !== null) {
    const own = run?.controlUrl === settings.url.replace(/\/$/, '') || isThisMachine(settings.url)
    return overHttp(settings.url, tokenOf(settings.token, own ? settings.dataDir : null))
  }
  if (run !== null && (await answers(run.controlUrl))) {
    return overHttp(run.controlUrl, tokenOf(settings.token, settings.dataDir))
  }
  if (!existsSync(settings.dataDir)) {
    throw failed(
      `no server is running and there is no data directory ${settings.dataDir}`,
      'Start one with "ledgerock up", or name one with --url or --data.',
    )
  }
  try {
    const offline = await deps.openOffline(mustLoadConfig(io, flags, 'optional'))
    return clientOf('offline', offline.request, offline.close)
  } catch (error) {
    // Somebody holds the data: most likely a server on its way up, which the user need not know about.
    if (!(error instanceof Fault) || error.code !== 'data_locked') throw error
    const url = await whenServing(settings.dataDir, deps.startingPatienceMs)
    if (url === null) throw error
    return overHttp(url, tokenOf(settings.token, settings.dataDir))
  }
}

/** Waits for a server that is starting on this data; null when it does not come up in time. */
async function whenServing(dataDir: string, patienceMs: number): Promise<string | null> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += STARTING_POLL_MS) {
    const run = readRunFile(dataDir)
    if (run !== null && (await answers(run.controlUrl))) return run.controlUrl
    await new Promise((resolve) => setTimeout(resolve, STARTING_POLL_MS))
  }
  return null
}

function overHttp(url: string, token: string): ApiClient {
  const send: Send = async (route, init) => {
    const headers = {
      ...(init.headers as Record<string, string>),
      authorization: `Bearer ${token}`,
    }
    try {
      return await fetch(new URL(route, url), { ...init, headers, redirect: 'manual' })
    } catch (error) {
      if (init.signal?.aborted === true) throw error
      throw failed(`the server at ${url} cannot be reached (${reasonOf(error)})`)
    }
  }
  return clientOf('server', send, () => Promise.resolve())
}

function clientOf(kind: ApiClient['kind'], send: Send, close: OfflineApi['close']): ApiClient {
  return {
    kind,
    get: async (route, query = {}) => answerOf(await send(routePath(route, query), {})),
    send: async (method, route, body) => {
      const init: RequestInit =
        body === undefined
          ? { method }
          : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      return answerOf(await send(routePath(route, {}), init))
    },
    upload: async (route, query, { type, bytes }, onSent) => {
      const body = ReadableStream.from(piecesOf(bytes, onSent))
      const init: RequestInit = {
        method: 'POST',
        body,
        duplex: 'half',
        headers: { 'content-type': type },
      }
      return answerOf(await send(routePath(route, query), init))
    },
    sendFile: async (route, file, onSent) => {
      const init: RequestInit = {
        method: 'PUT',
        body: ReadableStream.from(fileWithCount(file, onSent)),
        duplex: 'half',
        headers: { 'content-type': 'application/octet-stream' },
      }
      return answerOf(await send(routePath(route, {}), init))
    },
    download: async (route, query) => {
      const response = await send(routePath(route, query), {})
      if (!response.ok || response.body === null) await answerOf(response)
      return response.body as ReadableStream<Uint8Array>
    },
    stream: async (route, query, signal, lastEventId) => {
      if (kind === 'offline') {
        throw failed('no server is running; what happens live can only be seen on a running one')
      }
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
      }
      const response = await send(routePath(route, query), { signal, headers })
      if (!response.ok || response.body === null) await answerOf(response)
      return response.body as ReadableStream<Uint8Array>
    },
    close,
  }
}

function* piecesOf(
  bytes: Uint8Array<ArrayBuffer>,
  onSent: (bytes: number) => void,
): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let start = 0; start < bytes.length; start += UPLOAD_PIECE_BYTES) {
    const piece = bytes.subarray(start, start + UPLOAD_PIECE_BYTES)
    yield piece
    onSent(start + piece.length)
  }
}

async function* fileWithCount(
  file: string,
  onSent: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0
  for await (const piece of createReadStream(file, { highWaterMark: UPLOAD_PIECE_BYTES })) {
    yield piece as Uint8Array
    sent += (piece as Uint8Array).length
    onSent(sent)
  }
}

export function routePath(route: string, query: Query): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const single of typeof value === 'string' ? [value] : value)
      parameters.append(name, single)
  }
  const text = parameters.toString()
  return `${API_ROOT}${route}${text === '' ? '' : `?${text}`}`
}

async function answerOf(response: Response): Promise<ApiAnswer> {
  const text = await response.text()
  let json: unknown = null
  try {
    json = text === '' ? null : JSON.parse(text)
  } catch {
    throw failed(`the server's answer (status ${response.status}) is not JSON; is it Ledgerock?`)
  }
  if (!response.ok) throw problemError(response.status, json)
  return { text, json }
}

/** What the API refuses as wrong input was wrong usage; everything else has failed. */
function problemError(status: number, json: unknown): CommandError {
  const { detail, title, errors = [] } = (json ?? {}) as Partial<Problem>
  const told = errors.map(({ path: at, message }) => (at === '' ? message : `${at}: ${message}`))
  const [only] = told
  // Where the detail is but the list of the errors in one line, the list says it better.
  const repeats = detail !== undefined && told.length > 0 && detail === told.join('; ')
  if (repeats && told.length === 1 && only !== undefined) return refused(status, [only])
  const first = repeats
    ? `the request has ${told.length} faults:`
    : (detail ?? title ?? `the server answered with status ${status}`)
  const places = told.map((line) => `  ${line}`)
  const hint = status === 401 ? ['  Give a token with --token or LEDGEROCK_TOKEN.'] : []
  return refused(status, [first, ...places, ...hint])
}

function refused(status: number, lines: readonly string[]): CommandError {
  const exit = status === 400 || status === 422 ? EXIT.usage : EXIT.failed
  return new CommandError(exit, ...lines.map(visible))
}

/** `dataDir` is null where the token found there must not be sent: the server is somebody else's. */
function tokenOf(given: Secret | null, dataDir: string | null): string {
  if (given !== null) return given.reveal()
  if (dataDir === null) throw wrongUsage('--url needs a token: --token or LEDGEROCK_TOKEN')
  const file = path.join(dataDir, ADMIN_TOKEN_FILE_NAME)
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw failed(`there is no token: ${file} cannot be read (${reasonOf(error)}); use --token`)
  }
}

/** A process id is used again after a crash, so the file's process being alive does not mean the server is. */
async function answers(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
    const response = await fetch(new URL('/health', url), { signal })
    await response.body?.cancel()
    return true
  } catch {
    return false
  }
}

function isThisMachine(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? ''
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function reasonOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'string') return code
  if (cause !== undefined) return reasonOf(cause)
  return error instanceof Error ? error.message : 'unknown reason'
}
