// Writes vectors in the shape of each maker. Only Titan says in the body how many tokens it took; the others leave that to the
// header.

import type { Answer } from './answer.ts'
import type { EmbeddedItem, Embeddings } from './ask.ts'
import { mix, randomName, seededRandom } from './random.ts'
import { bitsJson, floatsJson, vectorJson, vectorOf, type Vector } from './vectors.ts'

export function titanBody(answer: Answer, asked: Embeddings): string {
  const [vector = []] = vectorsOf(answer, asked)
  const floats = floatsJson(vector)
  const count = `"inputTextTokenCount":${answer.usage.input}`
  if (asked.types === null) return `{"embedding":${floats},${count}}`
  const byType = asked.types.map((type) =>
    type === 'float' ? `"float":${floats}` : `"binary":${bitsJson(vector)}`,
  )
  // As with the real model, the plain member is there only when floats were asked for.
  const plain = asked.types.includes('float') ? `"embedding":${floats},` : ''
  return `{${plain}"embeddingsByType":{${byType.join(',')}},${count}}`
}

export function titanMultimodalBody(answer: Answer, asked: Embeddings): string {
  const [vector = []] = vectorsOf(answer, asked)
  const floats = floatsJson(vector)
  return `{"embedding":${floats},"inputTextTokenCount":${answer.usage.input},"message":null}`
}

const NOVA_TYPES: { readonly [Medium in EmbeddedItem['medium']]: string } = {
  text: 'TEXT',
  image: 'IMAGE',
  audio: 'AUDIO',
  video: 'VIDEO',
  audio_video: 'AUDIO_VIDEO_COMBINED',
}

export function novaEmbeddingBody(answer: Answer, asked: Embeddings): string {
  const embeddings = vectorsOf(answer, asked).map((vector, index) => {
    const medium = asked.items[index]?.medium ?? 'text'
    return `{"embeddingType":"${NOVA_TYPES[medium]}","embedding":${floatsJson(vector)}}`
  })
  return `{"embeddings":[${embeddings.join(',')}]}`
}

/** Lists of floats, or a list for each type the request named. */
export function cohereEmbeddingBody(answer: Answer, asked: Embeddings): string {
  const vectors = vectorsOf(answer, asked)
  const id = randomName(seededRandom(mix(answer.generation.seed, 3)), 24)
  const texts = asked.items.filter(({ medium }) => medium === 'text').map(({ text }) => text)
  const echo = `"texts":${JSON.stringify(texts)}`
  const { types } = asked
  if (types === null) {
    const floats = vectors.map(floatsJson).join(',')
    return `{"id":"${id}","embeddings":[${floats}],"response_type":"embeddings_floats",${echo}}`
  }
  const byType = types.map(
    (type) => `"${type}":[${vectors.map((vector) => vectorJson(vector, type)).join(',')}]`,
  )
  return (
    `{"id":"${id}","embeddings":{${byType.join(',')}},` +
    `"response_type":"embeddings_by_type",${echo}}`
  )
}

export function marengoBody(answer: Answer, asked: Embeddings): string {
  const data = vectorsOf(answer, asked).map((vector) => `{"embedding":${floatsJson(vector)}}`)
  return `{"data":[${data.join(',')}]}`
}

function vectorsOf({ generation }: Answer, asked: Embeddings): readonly Vector[] {
  return asked.items.map((_, index) => vectorOf(generation.seed, index, asked))
}
