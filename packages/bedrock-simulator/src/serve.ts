// Sends a request to where it belongs: the simulator's own routes, STS, the control plane, or an operation of the runtime or
// of mantle. What is none of them is refused in the shape of the API whose path it has.

import type { Exchange } from './exchange.ts'
import { invalid, refuse, type Refusal } from './refusal.ts'
import { refusalReply } from './refusal-body.ts'
import { matchRoute, type ApiFamily } from './route.ts'
import { serveCall } from './serve-call.ts'
import { GROUND_TRUTH_PREFIX, serveGroundTruth } from './serve-ground-truth.ts'
import { PROFILES_PREFIX, serveInferenceProfile } from './serve-inference-profile.ts'
import { serveSts, STS_PATH } from './serve-sts.ts'
import type { Simulation } from './simulation.ts'

const BODY_BYTES_MAX = 32 * 1_024 * 1_024

export function serve(simulation: Simulation, exchange: Exchange): void {
  const { path, method } = exchange
  const route = matchRoute(method, path)
  if (route === null) {
    serveElsewhere(simulation, exchange)
    return
  }
  if (route.operation === 'InvokeModelWithBidirectionalStream') {
    // Answered at once: the client sends for as long as it listens.
    const refusal = refuse(
      'UnsupportedOperationException',
      'The simulator does not serve bidirectional streams.',
    )
    sendUnrecorded(simulation, exchange, refusal)
    return
  }
  exchange.readBody(BODY_BYTES_MAX, (body) => {
    if (body === null) {
      const tooLarge = invalid('Input is too long for requested model.')
      sendUnrecorded(simulation, exchange, tooLarge, 413)
      return
    }
    serveCall(simulation, exchange, route, body)
  })
}

function serveElsewhere(simulation: Simulation, exchange: Exchange): void {
  const { path, method } = exchange
  if (path.startsWith(GROUND_TRUTH_PREFIX)) {
    serveGroundTruth(simulation, exchange)
  } else if (path === STS_PATH || path === `${STS_PATH}/`) {
    exchange.readBody(BODY_BYTES_MAX, (body) => {
      serveSts(simulation, exchange, body ?? Buffer.alloc(0))
    })
  } else if (path.startsWith(PROFILES_PREFIX) && method === 'GET') {
    exchange.readBody(BODY_BYTES_MAX, (body) => {
      serveInferenceProfile(simulation, exchange, body ?? Buffer.alloc(0))
    })
  } else {
    const refusal = refuse('UnknownOperationException', 'Unknown operation')
    sendUnrecorded(simulation, exchange, refusal)
  }
}

/** For requests that are no call of a model. */
function sendUnrecorded(
  simulation: Simulation,
  exchange: Exchange,
  refusal: Refusal,
  status?: number,
): void {
  const context = {
    family: familyOf(exchange.path),
    requestId: simulation.nextRequestId(),
    model: null,
  }
  const reply = refusalReply(refusal, context, status)
  exchange.head(reply.status, reply.headers)
  exchange.end(reply.body)
}

function familyOf(path: string): ApiFamily {
  if (/^(\/mantle)?\/anthropic\//.test(path)) return 'anthropic'
  return /^(\/mantle\/|\/openai\/)/.test(path) ? 'openai' : 'bedrock'
}
