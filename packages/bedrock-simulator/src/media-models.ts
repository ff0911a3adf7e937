// The models that make vectors, rankings, pictures and films.

import type { Geography, MediaFamily, Model } from './model-shape.ts'

function mediaModel(
  id: string,
  family: MediaFamily,
  geographies: readonly Geography[] = [],
): Model {
  return {
    id,
    family,
    outputTokensDefault: 0,
    outputTokensMax: 0,
    cache: null,
    implicitCache: null,
    converse: null,
    geographies,
    paidTiers: [],
    latencyOptimized: false,
  }
}

const US: readonly Geography[] = ['us']

export const MEDIA_MODELS: readonly Model[] = [
  mediaModel('amazon.titan-embed-text-v1', 'titan-embedding'),
  mediaModel('amazon.titan-embed-text-v2:0', 'titan-embedding'),
  mediaModel('amazon.titan-embed-image-v1', 'titan-multimodal'),
  mediaModel('amazon.nova-2-multimodal-embeddings-v1:0', 'nova-embedding'),
  mediaModel('cohere.embed-english-v3', 'cohere-embedding'),
  mediaModel('cohere.embed-multilingual-v3', 'cohere-embedding'),
  mediaModel('cohere.embed-v4:0', 'cohere-embedding', ['us', 'eu', 'global']),
  mediaModel('twelvelabs.marengo-embed-2-7-v1:0', 'marengo', ['us', 'eu', 'apac']),
  mediaModel('twelvelabs.marengo-embed-3-0-v1:0', 'marengo', ['us', 'eu']),
  mediaModel('amazon.rerank-v1:0', 'rerank'),
  mediaModel('cohere.rerank-v3-5:0', 'rerank'),
  mediaModel('amazon.nova-canvas-v1:0', 'amazon-image'),
  mediaModel('amazon.titan-image-generator-v1', 'amazon-image'),
  mediaModel('amazon.titan-image-generator-v2:0', 'amazon-image'),
  mediaModel('stability.sd3-5-large-v1:0', 'stability'),
  mediaModel('stability.stable-image-core-v1:1', 'stability'),
  mediaModel('stability.stable-image-ultra-v1:1', 'stability'),
  mediaModel('stability.stable-image-inpaint-v1:0', 'stability', US),
  mediaModel('stability.stable-image-remove-background-v1:0', 'stability', US),
  mediaModel('stability.stable-creative-upscale-v1:0', 'stability', US),
  mediaModel('stability.stable-fast-upscale-v1:0', 'stability', US),
  mediaModel('stability.stable-diffusion-xl-v1', 'stability-xl'),
  mediaModel('amazon.nova-reel-v1:0', 'nova-reel'),
  mediaModel('amazon.nova-reel-v1:1', 'nova-reel'),
  mediaModel('luma.ray-v2:0', 'luma-ray'),
]
