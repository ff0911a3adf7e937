// `ledgerock simulate`: the Bedrock simulator alone, until it is stopped.

import type { Command } from 'commander'
import type { CommandContext } from '../cli-deps.ts'
import { failed, wrongUsage } from '../command-error.ts'
import { wholeNumberBetween } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { formatOf } from '../answer-format.ts'
import { globalsOf } from '../global-options.ts'

type SimulateOptions = {
  readonly port: number
  readonly seed: number
  readonly latency: number
  readonly faults?: string
}

export function addSimulate(program: Command, context: CommandContext): void {
  const command = program
    .command('simulate')
    .description('run the Bedrock simulator alone')
    .option(
      '--port <n>',
      'port to listen on, 0 for a free one',
      wholeNumberBetween(0, 65_535),
      8082,
    )
    .option('--seed <n>', 'same seed, same answers', wholeNumberBetween(0, 2 ** 32 - 1), 1)
    .option('--latency <ms>', 'time to answer', wholeNumberBetween(0, 3_600_000), 0)
    .option('--faults <list>', 'for example throttle=0.05,cut=0.02@3,slow=0.05:50,latency=20..200')
    .action((options: SimulateOptions) => simulate(context, command, options))
  addExamples(command, 'simulate', 'simulate --port 9000 --seed 7 --faults throttle=0.1')
}

async function simulate(
  { io }: CommandContext,
  command: Command,
  { port, seed, latency, faults: faultsText }: SimulateOptions,
): Promise<void> {
  const { parseFaults, startSimulator } = await import('@ledgerock/bedrock-simulator')
  const faults = parseFaults(faultsText ?? '')
  if (!faults.ok) throw wrongUsage(`--faults: ${faults.problem}`)
  const stopped = io.untilStopped()
  const options = { host: '127.0.0.1', port, seed, latencyMs: latency, faults: faults.value }
  const simulator = await startSimulator(options).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw code === 'EADDRINUSE'
      ? failed(`port ${port} is in use; choose another with --port, or 0 for a free one`)
      : failed(`the simulator cannot listen on port ${port} (${code})`)
  })
  if (formatOf(io, globalsOf(command).format) === 'table') await io.out(`${simulator.url}\n`)
  else await io.out(`${JSON.stringify({ url: simulator.url, seed })}\n`)
  io.note(howToUse(simulator.url))
  await new Promise<void>((resolve) => {
    if (stopped.aborted) resolve()
    stopped.addEventListener('abort', () => resolve(), { once: true })
  })
  await simulator.close()
}

function howToUse(url: string): string {
  return `A simulated Bedrock runtime listens here; any well-formed AWS credential will do. For example:

  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${url} AWS_REGION=us-east-1 AWS_BEARER_TOKEN_BEDROCK=any \\
    aws bedrock-runtime converse --model-id amazon.nova-lite-v1:0 \\
    --messages '[{"role":"user","content":[{"text":"hello"}]}]'

Every call it served: ${url}/_simulator/calls. Ctrl-C ends it.
`
}
