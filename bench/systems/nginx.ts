// nginx as the yardstick: `proxy_pass` with one worker process, keep-alive on both sides, nothing logged, no body on its disk,
// streams unbuffered. What it does per request is what a proxy written in C has to do. Null where the machine has none.

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Server } from '../child.ts'
import type { Skipped } from '../figure.ts'
import { childrenOf } from '../process-cpu.ts'
import { freePort } from './free-port.ts'

const BINARIES = [
  '/usr/sbin/nginx',
  '/usr/local/sbin/nginx',
  '/usr/local/bin/nginx',
  '/usr/bin/nginx',
]
const READY_PATIENCE_MS = 5_000
const POLL_MS = 20

export const NGINX_MISSING: Skipped = {
  name: 'what is compared to nginx',
  skipped: 'nginx is not installed on this machine',
}

export async function startNginx(upstream: string): Promise<Server | null> {
  const binary = [...BINARIES, '/opt/homebrew/bin/nginx'].find((path) => existsSync(path))
  if (binary === undefined) return null
  const directory = mkdtempSync(join(tmpdir(), 'bench-nginx-'))
  const port = await freePort()
  const config = join(directory, 'nginx.conf')
  writeFileSync(config, configuration(directory, port, new URL(upstream).host))
  const master = spawn(binary, ['-c', config, '-p', directory, '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaints = ''
  master.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  // Should the bench itself fall over, nothing of it stays behind.
  const onExit = (): void => {
    master.kill('SIGTERM')
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', onExit)
  const url = `http://127.0.0.1:${port}`
  const giveUpAt = performance.now() + READY_PATIENCE_MS
  while (!(await answers(url))) {
    if (master.exitCode !== null || performance.now() > giveUpAt) {
      master.kill('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
      throw new Error(`nginx did not start: ${complaints}`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  const [worker] = childrenOf(master.pid as number)
  return {
    url,
    pid: worker ?? (master.pid as number),
    async stop() {
      const gone = once(master, 'exit')
      master.kill('SIGTERM')
      await gone
      process.removeListener('exit', onExit)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function configuration(directory: string, port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${directory}/${name};`,
  )
  return `
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
${temporary.join('\n')}
  keepalive_requests 100000000;
  client_max_body_size 32m;
  client_body_buffer_size 8m;
  upstream bedrock {
    server ${upstream};
    keepalive 128;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port};
    location = /bench-ready { return 204; }
    location / {
      proxy_pass http://bedrock;
      proxy_http_version 1.1;
      proxy_set_header connection "";
    }
    location ~ -stream$ {
      proxy_pass http://bedrock;
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_buffering off;
    }
  }
}
`
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/bench-ready`)).status === 204
  } catch {
    return false
  }
}
