// The one place where an error of ours becomes an answer.

import type { ErrorResponse } from '../bedrock/error.ts'
import type { GatewayResponse } from './server/gateway-request.ts'

export function sendError(response: GatewayResponse, error: ErrorResponse): void {
  if (response.headersSent) return
  response.writeHead(error.status, { ...error.headers })
  response.end(error.body)
}
