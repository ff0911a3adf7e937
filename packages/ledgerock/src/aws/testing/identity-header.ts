// What a client with the AWS SDK for JavaScript sends as `x-ledgerock-aws-identity`: a signed but unsent GetCallerIdentity. The
// guide shows this code; the tests prove it.

import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'

type Signed = {
  method: string
  hostname: string
  path: string
  headers: Record<string, string>
  body: string
}

/** The client needs a region and credentials, and its own endpoint of AWS. */
export async function identityHeader(sts: STSClient, gateway: string): Promise<string> {
  let header = ''
  const command = new GetCallerIdentityCommand({})
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as Signed
      request.headers['x-ledgerock-gateway'] = gateway
      return next(args)
    },
    { step: 'build' },
  )
  command.middlewareStack.add(
    () => (args) => {
      const { method, hostname, path, headers, body } = args.request as Signed
      const proof = { method, url: `https://${hostname}${path}`, headers, body }
      header = Buffer.from(JSON.stringify(proof)).toString('base64url')
      return Promise.resolve({ output: { $metadata: {} }, response: undefined })
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  await sts.send(command)
  return header
}
