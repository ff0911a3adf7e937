// Chooses what writes an answer down, by route: the routes that name their model in the body have shapes of their own, the
// rest leave it to the model. Response ids come from the request's, so that none repeats.

import type { Answer, StreamEvent, StreamOptions } from './answer.ts'
import type { CallDraft } from './call-record.ts'
import { chatBody, chatEvents } from './chat-answer.ts'
import { messagesBody, messagesEvents } from './messages-answer.ts'
import type { Wire } from './read-wire.ts'
import { compactionBody, responsesBody, responsesEvents } from './responses-answer.ts'
import type { Simulation } from './simulation.ts'
import { totalTokens } from './usage.ts'
import { answerBody, answerEvents } from './write-answer.ts'

export function replyBody(draft: CallDraft, answer: Answer, wire: Wire | null): string {
  if (wire === null) return answerBody(draft.operation, answer)
  switch (draft.operation) {
    case 'ChatCompletions':
      return chatBody(answer, { ...wire, id: idOf('chatcmpl-', draft) })
    case 'Responses':
      return responsesBody(answer, { ...wire, id: idOf('resp_', draft) })
    case 'CompactResponse':
      return compactionBody(answer, { ...wire, id: idOf('resp_', draft) })
    default:
      return messagesBody(answer)
  }
}

export function replyEvents(
  draft: CallDraft,
  answer: Answer,
  wire: Wire | null,
  options: StreamOptions,
): Iterable<StreamEvent> {
  if (wire === null) return answerEvents(draft.operation, answer, options)
  switch (draft.operation) {
    case 'ChatCompletions':
      return chatEvents(answer, { ...wire, id: idOf('chatcmpl-', draft) }, options)
    case 'Responses':
      return responsesEvents(answer, { ...wire, id: idOf('resp_', draft) }, options)
    default:
      return messagesEvents(answer, options)
  }
}

/** Keeps what a request of the Responses route asked to keep. */
export function storeReply(
  { responses }: Simulation,
  draft: CallDraft,
  answer: Answer,
  wire: Wire | null,
): void {
  if (wire === null || !wire.store) return
  const id = idOf('resp_', draft)
  const json = responsesBody(answer, { ...wire, id })
  responses.keep({ id, accountId: draft.accountId, json, tokens: totalTokens(answer.usage) })
}

function idOf(prefix: string, { requestId }: CallDraft): string {
  return `${prefix}${requestId.replaceAll('-', '')}`
}
