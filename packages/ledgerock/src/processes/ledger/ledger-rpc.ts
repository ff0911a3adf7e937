// The ledger's face over a Unix socket: the control process asks, the ledger process answers, both in JSON. One request per
// question; the socket lives in the node's private runtime directory. A ledger that is down or restarting is a retryable
// fault, not a wrong answer.

import { chmodSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Fault } from '../../kernel/fault.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Logger } from '../../platform/logging.ts'

/** What can be asked from another process; starting and closing are the ledger process's own business. */
export type RemoteLedger = Omit<Ledger, 'start' | 'close'>

const METHODS = [
  'spend',
  'calls',
  'call',
  'callsSince',
  'verify',
  'rerate',
  'budgetSpend',
  'journalEnds',
  'importBill',
  'billVersions',
  'billSummary',
  'billCells',
  'rereadBillWords',
  'pruneBill',
  'meteredUse',
  'principalsSeen',
  'recordOutcomes',
  'outcomeSums',
  'outcomesKept',
  'outcomeTotals',
  'outcomeNames',
  'status',
  'shipNow',
] as const satisfies readonly (keyof RemoteLedger)[]
type Method = (typeof METHODS)[number]

export function ledgerSocketPath(runtimeDirectory: string): string {
  return join(runtimeDirectory, 'ledger.sock')
}

export type LedgerRpcServer = { readonly close: () => Promise<void> }

export function serveLedger(
  logger: Logger,
  ledger: RemoteLedger,
  socketPath: string,
): Promise<LedgerRpcServer> {
  const server = createServer((message, response) => {
    answer(ledger, message, response).catch((error: unknown) => {
      const fault = error instanceof Fault ? error : null
      if (fault === null) logger.error({ reason: String(error) }, 'ledger_question_failed')
      reply(response, 500, {
        code: fault?.code ?? 'ledger_failed',
        message: error instanceof Error ? error.message : String(error),
        retryable: fault?.retryable ?? false,
      })
    })
  })
  // The lock on the ledger's directory is held: whoever made this socket is gone.
  rmSync(socketPath, { force: true })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, () => {
      chmodSync(socketPath, 0o600)
      resolve({
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            server.closeIdleConnections()
          }),
      })
    })
  })
}

async function answer(
  ledger: RemoteLedger,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = METHODS.find((name) => message.url === `/${name}`)
  if (method === undefined) return reply(response, 404, { code: 'unknown_method', message: '' })
  const argument: unknown = JSON.parse((await readAll(message)).toString('utf8'))
  const ask = ledger[method] as (argument: unknown) => Promise<unknown>
  reply(response, 200, { answer: (await ask(argument)) ?? null })
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Questions wait this long for a ledger that is restarting before they fail. */
const CONNECT_PATIENCE_MS = 10_000
const RETRY_PAUSE_MS = 100

export function connectLedger(socketPath: string): RemoteLedger {
  async function ask(method: Method, argument: unknown): Promise<unknown> {
    for (let waited = 0; ; waited += RETRY_PAUSE_MS) {
      try {
        return await askOnce(socketPath, method, argument)
      } catch (error) {
        const unreachable = error instanceof Fault && error.code === 'ledger_unreachable'
        if (!unreachable || waited >= CONNECT_PATIENCE_MS) throw error
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS))
      }
    }
  }
  return Object.fromEntries(
    METHODS.map((method) => [method, (argument: unknown) => ask(method, argument)]),
  ) as RemoteLedger
}

function askOnce(socketPath: string, method: Method, argument: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const unreachable = (cause: unknown): void =>
      reject(
        new Fault('ledger_unreachable', 'the ledger process does not answer', {
          retryable: true,
          cause,
        }),
      )
    const asked = request({ socketPath, path: `/${method}`, method: 'POST' }, (message) => {
      readAll(message).then((bytes) => {
        const body = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
        if (message.statusCode === 200) resolve(body['answer'])
        else {
          const retryable = body['retryable'] === true
          reject(new Fault(String(body['code']), String(body['message']), { retryable }))
        }
      }, unreachable)
    })
    asked.on('error', unreachable)
    asked.end(JSON.stringify(argument ?? null))
  })
}
