// The lines of a `text/event-stream` (WHATWG HTML §9.2), as events. Comments, which keep the connection open, are skipped.

export type ServerEvent = { readonly event: string; readonly data: string; readonly id: string }

export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  let event = 'message'
  let data: string[] = []
  // Stays in force until another one is sent, as the standard has it.
  let id = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const written of lines) {
      const line = written.endsWith('\r') ? written.slice(0, -1) : written
      if (line === '') {
        if (data.length > 0) yield { event, data: data.join('\n'), id }
        event = 'message'
        data = []
      } else if (line.startsWith('data:')) data.push(valueOf(line))
      else if (line.startsWith('event:')) event = valueOf(line)
      else if (line.startsWith('id:')) id = valueOf(line)
    }
  }
}

function valueOf(line: string): string {
  return line.slice(line.indexOf(':') + 1).replace(/^ /, '')
}
