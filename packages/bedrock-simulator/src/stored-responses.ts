// Responses kept for GET, DELETE and for requests that go on from one. Thirty days on AWS; here until the simulator ends or
// more than the limit are stored. The text of an answer is in it; prompts are not kept, only how many tokens they were.

export type StoredResponse = {
  readonly id: string
  readonly accountId: string
  /** The response object, as it was sent. */
  readonly json: string
  /** What a request that continues it pays for again: everything read and written so far. */
  readonly tokens: number
}

export type StoredResponses = {
  readonly keep: (response: StoredResponse) => void
  readonly find: (id: string, accountId: string) => StoredResponse | null
  readonly remove: (id: string) => void
  readonly clear: () => void
}

const RESPONSES_MAX = 10_000

export function createStoredResponses(): StoredResponses {
  const responses = new Map<string, StoredResponse>()
  return {
    keep: (response) => {
      responses.set(response.id, response)
      for (const oldest of responses.keys()) {
        if (responses.size <= RESPONSES_MAX) break
        responses.delete(oldest)
      }
    },
    find: (id, accountId) => {
      const found = responses.get(id)
      return found?.accountId === accountId ? found : null
    },
    remove: (id) => {
      responses.delete(id)
    },
    clear: () => responses.clear(),
  }
}
