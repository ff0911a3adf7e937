// The Bedrock simulator in a process of its own, open to any well-formed credential, remembering next to nothing.

import { startSimulator } from '@ledgerock/bedrock-simulator'
import { childArgument, tellParent } from '../child.ts'

const RECORDED_CALLS_MAX = 16

childArgument()
const simulator = await startSimulator({ recordLimit: RECORDED_CALLS_MAX })
tellParent({ url: simulator.url })
