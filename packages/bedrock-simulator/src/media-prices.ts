// Prices of vectors, rankings, pictures and films: per image of a size and quality, per second of a resolution, per query of
// up to a hundred documents, per image or second taken in. Part of the hand-typed price list.

import {
  GLOBAL,
  IN_REGION,
  REGIONAL,
  row,
  unitRow,
  type PriceRow,
  type UnitRate,
} from './price-row.ts'

const VIRGINIA = ['us-east-1'] as const

const EMBEDDINGS: readonly PriceRow[] = [
  unitRow(
    'amazon.titan-embed-image-v1',
    'commercial',
    IN_REGION,
    [{ kind: 'image_input', usd: '0.00006' }],
    { input: '0.8' },
  ),
  unitRow(
    'amazon.nova-2-multimodal-embeddings-v1:0',
    VIRGINIA,
    IN_REGION,
    [
      { kind: 'image_input', variant: 'standard', usd: '0.00006' },
      { kind: 'image_input', variant: 'document', usd: '0.0006' },
      { kind: 'audio_input', usd: '0.00014' },
      { kind: 'video_seconds', usd: '0.0007' },
    ],
    { input: '0.135' },
  ),
  row('cohere.embed-english-v3', 'commercial', IN_REGION, 'standard', { input: '0.1' }),
  row('cohere.embed-multilingual-v3', 'commercial', IN_REGION, 'standard', { input: '0.1' }),
  row('cohere.embed-v4:0', 'commercial', [...REGIONAL, ...GLOBAL], 'standard', { input: '0.12' }),
  unitRow('twelvelabs.marengo-embed-2-7-v1:0', 'commercial', REGIONAL, [
    { kind: 'requests', usd: '0.00007' },
    { kind: 'image_input', usd: '0.0001' },
    { kind: 'audio_input', usd: '0.00014' },
    { kind: 'video_seconds', usd: '0.0007' },
  ]),
  // Of Marengo 3.0 only the price of text is known.
  unitRow('twelvelabs.marengo-embed-3-0-v1:0', 'commercial', REGIONAL, [
    { kind: 'requests', usd: '0.00007' },
  ]),
]

const RANKINGS: readonly PriceRow[] = [
  unitRow('amazon.rerank-v1:0', 'commercial', IN_REGION, [{ kind: 'search_units', usd: '0.001' }]),
  unitRow('cohere.rerank-v3-5:0', 'commercial', IN_REGION, [
    { kind: 'search_units', usd: '0.002' },
  ]),
]

const CANVAS: readonly UnitRate[] = [
  { kind: 'images', variant: 'up to 1024x1024, standard', usd: '0.04' },
  { kind: 'images', variant: 'up to 1024x1024, premium', usd: '0.06' },
  { kind: 'images', variant: 'up to 2048x2048, standard', usd: '0.06' },
  { kind: 'images', variant: 'up to 2048x2048, premium', usd: '0.08' },
]
/** The only figure that was found for Titan's pictures. */
const TITAN_IMAGE: readonly UnitRate[] = [
  { kind: 'images', variant: '512x512, standard', usd: '0.008' },
]

const PICTURES: readonly PriceRow[] = [
  unitRow('amazon.nova-canvas-v1:0', 'commercial', IN_REGION, CANVAS),
  unitRow('amazon.titan-image-generator-v1', 'commercial', IN_REGION, TITAN_IMAGE),
  unitRow('amazon.titan-image-generator-v2:0', 'commercial', IN_REGION, TITAN_IMAGE),
  unitRow('stability.sd3-5-large-v1:0', 'commercial', IN_REGION, [{ kind: 'images', usd: '0.08' }]),
  unitRow('stability.stable-image-core-v1:1', 'commercial', IN_REGION, [
    { kind: 'images', usd: '0.04' },
  ]),
  unitRow('stability.stable-image-ultra-v1:1', 'commercial', IN_REGION, [
    { kind: 'images', usd: '0.14' },
  ]),
  unitRow('stability.stable-image-inpaint-v1:0', 'commercial', REGIONAL, [
    { kind: 'images', usd: '0.07' },
  ]),
  unitRow('stability.stable-image-remove-background-v1:0', 'commercial', REGIONAL, [
    { kind: 'images', usd: '0.07' },
  ]),
  unitRow('stability.stable-creative-upscale-v1:0', 'commercial', REGIONAL, [
    { kind: 'images', usd: '0.6' },
  ]),
  unitRow('stability.stable-fast-upscale-v1:0', 'commercial', REGIONAL, [
    { kind: 'images', usd: '0.03' },
  ]),
  unitRow('stability.stable-diffusion-xl-v1', 'commercial', IN_REGION, [
    { kind: 'images', variant: '1024x1024, 50 steps', usd: '0.04' },
    { kind: 'images', variant: '1024x1024, max steps', usd: '0.08' },
  ]),
]

const REEL: readonly UnitRate[] = [{ kind: 'video_seconds', variant: '720p, 24 fps', usd: '0.08' }]

const FILMS: readonly PriceRow[] = [
  unitRow('amazon.nova-reel-v1:0', 'commercial', IN_REGION, REEL),
  unitRow('amazon.nova-reel-v1:1', 'commercial', IN_REGION, REEL),
  unitRow('luma.ray-v2:0', 'commercial', IN_REGION, [
    { kind: 'video_seconds', variant: '540p, 24 fps', usd: '0.75' },
    { kind: 'video_seconds', variant: '720p, 24 fps', usd: '1.5' },
  ]),
  // Pegasus is paid by the second it watches and by the token it writes.
  unitRow(
    'twelvelabs.pegasus-1-2-v1:0',
    'commercial',
    [...REGIONAL, ...GLOBAL],
    [{ kind: 'video_seconds', usd: '0.00049' }],
    { output: '7.5' },
  ),
]

export const MEDIA_PRICES: readonly PriceRow[] = [...EMBEDDINGS, ...RANKINGS, ...PICTURES, ...FILMS]
