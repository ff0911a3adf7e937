// Server-sent events for tests, written the ways servers write them.

export type SseStyle = {
  readonly lineEnd: '\n' | '\r\n' | '\r'
  /** `event: <type>` before the data, as Anthropic and the Responses API have it. */
  readonly isNamed: boolean
  /** Behind the colon. */
  readonly space: '' | ' '
}

export const OPENAI_STYLE: SseStyle = { lineEnd: '\n', isNamed: false, space: ' ' }
export const NAMED_STYLE: SseStyle = { lineEnd: '\n', isNamed: true, space: ' ' }

export function encodeSse(event: unknown, style: SseStyle = OPENAI_STYLE): Buffer {
  const { lineEnd, isNamed, space } = style
  const text = typeof event === 'string' ? event : JSON.stringify(event)
  const data = text.split('\n').map((line) => `data:${space}${line}`)
  const type = isNamed ? [`event:${space}${(event as { type: string }).type}`] : []
  return Buffer.from([...type, ...data, '', ''].join(lineEnd))
}
