// One plain call to a gateway, from an address of choice, with what its answer says about itself; and a call as the AWS SDK
// signs it, held back so that a test can send it as it is, changed, or twice.

import { request, type IncomingMessage } from 'node:http'
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'

export type GatewayCall = {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
  /** An address of this machine. */
  readonly from?: string
}

export type GatewayAnswer = {
  readonly status: number
  readonly callId: string
  readonly refusal: string | null
  readonly errorType: string | null
  readonly text: string
}

export const NOVA = 'amazon.nova-lite-v1:0'
export const CONVERSE_PATH = `/model/${NOVA}/converse`
export const CONVERSE_BODY = JSON.stringify({
  messages: [{ role: 'user', content: [{ text: 'Name three rivers of Europe.' }] }],
})

/** A Converse call where nothing else is said. */
export function callGateway(url: string, call: Partial<GatewayCall>): Promise<GatewayAnswer> {
  const { path = CONVERSE_PATH, headers = {}, body = CONVERSE_BODY, from = '127.0.0.1' } = call
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}${path}`,
      {
        method: 'POST',
        agent: false,
        localAddress: from,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => void answerOf(response).then(resolve, reject),
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function answerOf(response: IncomingMessage): Promise<GatewayAnswer> {
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response as AsyncIterable<string>) text += chunk
  const header = (name: string): string | null => {
    const value = response.headers[name]
    return typeof value === 'string' ? value : null
  }
  return {
    status: response.statusCode ?? 0,
    callId: header('x-ledgerock-call-id') ?? '',
    refusal: header('x-ledgerock-refusal'),
    errorType: header('x-amzn-errortype'),
    text,
  }
}

export type Pair = { readonly accessKeyId: string; readonly secretAccessKey: string }

export type Signing = {
  readonly region: string
  /** How far the signer's clock is ahead. */
  readonly clockAheadMs?: number
  /** Where the gateway is, for the client: a path of its own included. */
  readonly prefix?: string
}

type SdkRequest = {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

export async function signedCall(
  gatewayUrl: string,
  credentials: Pair,
  { region, clockAheadMs = 0, prefix = '' }: Signing,
): Promise<GatewayCall> {
  let held: SdkRequest | null = null
  const client = new BedrockRuntimeClient({
    region,
    credentials,
    endpoint: `${gatewayUrl}${prefix}`,
    systemClockOffset: clockAheadMs,
    maxAttempts: 1,
    requestHandler: {
      handle: (asked: unknown) => {
        held = asked as SdkRequest
        return Promise.reject(new Error('held back'))
      },
    },
  })
  const { messages } = JSON.parse(CONVERSE_BODY) as Pick<ConverseCommand['input'], 'messages'>
  await client.send(new ConverseCommand({ modelId: NOVA, messages })).catch(() => undefined)
  client.destroy()
  if (held === null) throw new Error('the SDK sent nothing')
  const { path, headers, body } = held as SdkRequest
  return { path, headers, body: new TextDecoder().decode(body) }
}
