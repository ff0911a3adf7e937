// Who made a model, as its base id says: by this the shape of a native answer is told, and the unit it is paid by.

/** Who made the model, as finely as the shape of its native API and the unit it is sold by need. */
export const MAKERS = [
  'anthropic',
  'amazon.nova',
  'amazon.nova-canvas',
  'amazon.nova-reel',
  'amazon.nova-embed',
  'amazon.titan-embed',
  'amazon.titan-text',
  'amazon.titan-image',
  'amazon.rerank',
  'openai',
  'meta',
  'mistral',
  'cohere.command',
  'cohere.embed',
  'cohere.rerank',
  'ai21',
  'deepseek',
  'qwen',
  'stability',
  'twelvelabs',
  'writer',
  'luma',
  'google',
  'minimax',
  'moonshot',
  'nvidia',
  'zai',
  'xai',
] as const
export type Maker = (typeof MAKERS)[number]

/** By the word before the first full stop. */
const MAKER_OF_WORD: ReadonlyMap<string, Maker> = new Map([
  ['anthropic', 'anthropic'],
  ['openai', 'openai'],
  ['meta', 'meta'],
  ['mistral', 'mistral'],
  ['ai21', 'ai21'],
  ['deepseek', 'deepseek'],
  ['qwen', 'qwen'],
  ['stability', 'stability'],
  ['twelvelabs', 'twelvelabs'],
  ['writer', 'writer'],
  ['luma', 'luma'],
  ['google', 'google'],
  ['minimax', 'minimax'],
  ['moonshot', 'moonshot'],
  ['moonshotai', 'moonshot'],
  ['nvidia', 'nvidia'],
  ['zai', 'zai'],
  ['xai', 'xai'],
])

/** Null for a maker nobody knows yet, and for a model that has no shape of its own here. */
export function makerOf(base: string): Maker | null {
  const dot = base.indexOf('.')
  if (dot < 0) return null
  const word = base.slice(0, dot)
  const model = base.slice(dot + 1)
  if (word === 'amazon') return amazonMaker(model)
  if (word === 'cohere') return cohereMaker(model)
  return MAKER_OF_WORD.get(word) ?? null
}

/** Nova's speech models (Sonic) speak only over bidirectional streams, and have no shape of their own here. */
function amazonMaker(model: string): Maker | null {
  if (model.startsWith('rerank')) return 'amazon.rerank'
  if (model.startsWith('titan-embed')) return 'amazon.titan-embed'
  if (model.startsWith('titan-image')) return 'amazon.titan-image'
  if (model.startsWith('titan-t')) return 'amazon.titan-text'
  const kind = /^nova-(?:\d+-)?(micro|lite|pro|premier|omni|canvas|reel|multimodal-embed)/.exec(
    model,
  )
  switch (kind?.[1]) {
    case undefined:
      return null
    case 'canvas':
      return 'amazon.nova-canvas'
    case 'reel':
      return 'amazon.nova-reel'
    case 'multimodal-embed':
      return 'amazon.nova-embed'
    default:
      return 'amazon.nova'
  }
}

function cohereMaker(model: string): Maker | null {
  if (model.startsWith('command')) return 'cohere.command'
  if (model.startsWith('embed')) return 'cohere.embed'
  return model.startsWith('rerank') ? 'cohere.rerank' : null
}
