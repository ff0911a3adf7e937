// Where everything is put together: the command line, or, when the supervisor forked this process, one of its children.

import { readFileSync } from 'node:fs'
import { randomInt } from 'node:crypto'
import { processIo } from './cli/process-io.ts'
import { runCli } from './cli/run-cli.ts'
import { createLogger } from './platform/logging.ts'
import { ROLE_ARGUMENT } from './processes/supervisor/child.ts'

const entry = import.meta.filename

if (process.argv.includes(ROLE_ARGUMENT) && process.send !== undefined) {
  const { runChild } = await import('./processes/run-child.ts')
  await runChild()
} else {
  process.exitCode = await commandLine()
}

async function commandLine(): Promise<number> {
  const io = processIo()
  const version = packageVersion()
  const logLevel = io.env['LEDGEROCK_LOG_LEVEL'] ?? 'info'
  return runCli(process.argv.slice(2), io, {
    version,
    up: async (config, options) => {
      const { up } = await import('./processes/up.ts')
      const { hasAwsCredentials } = await import('./aws/has-credentials.ts')
      const wanted =
        config.bedrock.targets.every(({ endpoint }) => endpoint === null) &&
        !hasAwsCredentials(io.env)
      return up(createLogger('supervisor', logLevel), {
        config,
        reload: options.reload,
        entry,
        environment: io.env,
        version,
        logLevel,
        simulate: options.simulate || wanted,
        simulatorSeed: randomInt(1, 2 ** 31),
        say: (line) => io.note(`${line}\n`),
      })
    },
    demo: async (options) => {
      const { demo } = await import('./processes/demo/demo.ts')
      // For people: what goes well is said, not logged.
      const level = io.env['LEDGEROCK_LOG_LEVEL'] ?? 'warn'
      return demo(createLogger('demo', level), {
        ...options,
        entry,
        environment: io.env,
        version,
        logLevel: level,
        say: (line) => io.note(`${line}\n`),
      })
    },
    startingPatienceMs: 20_000,
    openOffline: async (config) => {
      const { openOffline } = await import('./processes/control/offline.ts')
      return openOffline(createLogger('command-line', 'warn'), config, version)
    },
  })
}

function packageVersion(): string {
  const manifest = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
