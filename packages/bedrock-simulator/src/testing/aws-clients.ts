// Real AWS clients against a simulator, for its system tests.

import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'

import type { Simulator } from '../simulator.ts'

export const CREDENTIAL = { accessKeyId: 'AKIASIMULATOR', secretAccessKey: 'a/secret+for=tests' }
export const BEARER_KEY = 'bedrock-api-key-for-tests'

/** `h2c` is the SDK's default handler. */
export type Protocol = 'h2c' | 'http/1.1'

export function bedrockClient(
  simulator: Simulator,
  protocol: Protocol = 'h2c',
  config: BedrockRuntimeClientConfig = {},
): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: simulator.url,
    credentials: CREDENTIAL,
    ...(protocol === 'http/1.1' ? { requestHandler: new NodeHttpHandler() } : {}),
    ...config,
  })
}

/** A client that sends a Bedrock API key instead of a signature. */
export function bearerClient(
  simulator: Simulator,
  key = BEARER_KEY,
  protocol: Protocol = 'h2c',
): BedrockRuntimeClient {
  return bedrockClient(simulator, protocol, {
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
  })
}

/** Sends a header on every request of the client. */
export function addHeader(client: BedrockRuntimeClient, name: string, value: string): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { request } = args
      if (hasHeaders(request)) request.headers[name] = value
      return next(args)
    },
    { step: 'build', name: `add-${name}` },
  )
}

function hasHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request
}

export function userText(text: string): { role: 'user'; content: { text: string }[] } {
  return { role: 'user', content: [{ text }] }
}
