// The Bedrock simulator in a process of its own, open to any well-formed credential, remembering next to nothing.

import { startSimulator } from '@ledgerock/bedrock-simulator'
import { childArgument, tellParent } from '../child.ts'

const RECORDED_CALLS_MAX = 16

/** With a certificate it speaks TLS. */
const tls = childArgument() as { readonly cert: string; readonly key: string } | null
const simulator = await startSimulator({
  recordLimit: RECORDED_CALLS_MAX,
  ...(tls === null ? {} : { tls }),
})
tellParent({ url: simulator.url })
