// Headers of Bedrock's answer as an HTTP client hands them over: lower-case names, a list where one was repeated.

export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The first value of a header. */
export function headerOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value[0] : value
}

const EVENT_STREAM = 'application/vnd.amazon.eventstream'
const SERVER_SENT_EVENTS = 'text/event-stream'

/** The answer comes piece by piece: AWS's frames, or server-sent events. */
export function isStreamed(headers: ResponseHeaders): boolean {
  return isEventStream(headers) || isServerSentEvents(headers)
}

export function isEventStream(headers: ResponseHeaders): boolean {
  return isOfType(headers, EVENT_STREAM)
}

export function isServerSentEvents(headers: ResponseHeaders): boolean {
  return isOfType(headers, SERVER_SENT_EVENTS)
}

/** Types are compared without regard to case, and may be followed by parameters. */
function isOfType(headers: ResponseHeaders, type: string): boolean {
  const stated = headerOf(headers, 'content-type')
  if (stated === undefined || stated.length < type.length) return false
  return stated.startsWith(type) || stated.slice(0, type.length).toLowerCase() === type
}
