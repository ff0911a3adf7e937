// The vendors' own clients, pointed at a gateway by an address and a key and by nothing else. None of them retries: a test wants
// to see the first answer.

import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'

/** With its default handler (HTTP/2). */
export function bedrockClient(endpoint: string, key: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint,
    maxAttempts: 1,
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
  })
}
