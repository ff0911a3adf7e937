// The most of everything that is not sold by the token: pictures made or looked at, seconds of film or sound, searches, requests, text
// units of guardrails. What a request states is taken; of what it leaves to the model, the most the model makes or takes.
//
// Sources: Amazon Bedrock user guide, pages of Nova Reel, Luma Ray, TwelveLabs (Pegasus, Marengo), Nova embeddings and reranking
// ("a query of more than 100 documents is several, and a document of more than 512 tokens counts as several").

export const BOUND_UNITS = [
  'images',
  'imageInputs',
  'seconds',
  'searches',
  'requests',
  'textUnits',
] as const
export type BoundUnit = (typeof BOUND_UNITS)[number]

/** What must be known of a request; the facts the bedrock room reads are one. */
export type UnitFacts = {
  readonly bodyBytes: number
  readonly mediaBytes: number
  readonly mediaParts: number
  readonly messages: number
  readonly outsideBody: boolean
  readonly media: {
    readonly images: number | null
    readonly videoSeconds: number | null
    readonly documents: number | null
  } | null
}

/** Nobody says how many; more than any model makes at once. */
const IMAGES_MADE = 10
/** The longest film Nova Reel makes is two minutes, Luma's nine seconds. */
const SECONDS_MADE = 120
/** The longest recording any model takes: Marengo 3.0's four hours. */
const SECONDS_TAKEN = 4 * 3_600
const DOCUMENTS_PER_SEARCH = 100
/** Documents are cut after 512 tokens, of which a query may be half. */
const TOKENS_PER_DOCUMENT = 256
const CHARACTERS_PER_TEXT_UNIT = 1_000

const MAKES_FILMS = /^(?:amazon\.nova-reel|luma\.)/

export function unitQuantities(
  modelId: string,
  facts: UnitFacts,
  inputTokens: number,
): Readonly<Record<BoundUnit, number>> {
  const { media, mediaBytes, mediaParts, messages, bodyBytes, outsideBody } = facts
  const pictures = Math.max(mediaParts, media?.images ?? 0)
  return {
    images: Math.max(media?.images ?? IMAGES_MADE, 1),
    imageInputs: outsideBody ? Math.max(pictures, 1) : pictures,
    seconds: secondsOf(modelId, facts),
    searches: Math.ceil(
      (Math.max(media?.documents ?? 0, 1) + inputTokens / TOKENS_PER_DOCUMENT) /
        DOCUMENTS_PER_SEARCH,
    ),
    requests: 1,
    // Each part of the text is rounded up by itself.
    textUnits: Math.ceil((bodyBytes - mediaBytes) / CHARACTERS_PER_TEXT_UNIT) + messages,
  }
}

function secondsOf(modelId: string, { media, outsideBody }: UnitFacts): number {
  if (MAKES_FILMS.test(modelId)) return Math.ceil(media?.videoSeconds ?? SECONDS_MADE)
  return outsideBody ? SECONDS_TAKEN : 0
}
