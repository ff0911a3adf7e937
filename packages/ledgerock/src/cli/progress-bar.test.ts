import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { showProgress } from './progress-bar.ts'

/** A stream that takes cursor movements as a terminal does, and remembers what was written. */
function terminal(): { readonly stream: NodeJS.WritableStream; readonly text: () => string } {
  let text = ''
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { stream: Object.assign(stream, { isTTY: true, columns: 80 }), text: () => text }
}

describe('showProgress', () => {
  it('shows a bar where the total is known', () => {
    const { stream, text } = terminal()
    const bar = showProgress(stream, 'sending')
    bar.update(524_288, 1_048_576)
    bar.stop()
    expect(text()).toContain(`sending ${'█'.repeat(15)}${'░'.repeat(15)} 0.5 MiB of 1.0 MiB`)
  })

  it('shows how much there was where it is not', () => {
    const { stream, text } = terminal()
    const bar = showProgress(stream, 'downloading')
    bar.update(3_145_728, null, 'AmazonBedrock')
    bar.stop()
    expect(text()).toContain('downloading AmazonBedrock 3.0 MiB')
    expect(text()).not.toContain('█')
  })
})
