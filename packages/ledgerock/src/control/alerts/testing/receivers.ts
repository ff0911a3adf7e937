// Real receivers of alerts on this machine: an HTTP server that remembers what it was sent and answers as it is told, and a mail server.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type Received = {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export type HttpReceiver = {
  readonly port: number
  readonly got: Received[]
  /** What it answers from now on. */
  status: number
  /** What it does not take, whatever else it takes. */
  refuses: (body: string) => boolean
  readonly stop: () => Promise<void>
}

export async function startHttpReceiver(): Promise<HttpReceiver> {
  const got: Received[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url: path = '', headers } = request
      const body = Buffer.concat(chunks).toString()
      got.push({ path, headers, body })
      response.writeHead(receiver.refuses(body) ? 422 : receiver.status).end('thanks')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const receiver: HttpReceiver = {
    port: (server.address() as AddressInfo).port,
    got,
    status: 200,
    refuses: () => false,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}

export type Mail = { readonly from: string; readonly to: readonly string[]; readonly text: string }

export type MailReceiver = {
  readonly port: number
  readonly mails: Mail[]
  readonly logins: string[]
  readonly stop: () => Promise<void>
}

/** Takes any user with the password `right`; without encryption, as on a loopback relay. */
export async function startMailReceiver(): Promise<MailReceiver> {
  const mails: Mail[] = []
  const logins: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    disableReverseLookup: true,
    onAuth({ username = '', password = '' }, _session, done) {
      logins.push(username)
      if (password === 'right') done(null, { user: username })
      else done(new Error('no'))
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const to = envelope.rcptTo.map(({ address }) => address)
        mails.push({ from, to, text: Buffer.concat(chunks).toString() })
        done()
      })
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return {
    port: (listening.address() as AddressInfo).port,
    mails,
    logins,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
