// Calls priced by hand from AWS's figures (USD per million tokens unless said otherwise), the arithmetic in a comment above each.
// The expected values never come from the code: a wrong row here is a wrong invoice there.
//
//   model region tier usage = dollars or reason [@ instant of the call] [~ variant]

import { describe, expect, it } from 'vitest'
import { TIERS } from '@ledgerock/contract'
import { formatUsd } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { costOfUsage, type PricedCall } from './cost-of-usage.ts'
import { resolveModel } from './model-catalog.ts'
import { parsePriceUsage } from './parse-price-usage.ts'
import { buildPriceBook } from './price-book.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])

/** Long ids that occur often, by the names the rows give them. */
const SHORT_NAMES = {
  S46: 'anthropic.claude-sonnet-4-6',
  S45: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  H45: 'anthropic.claude-haiku-4-5-20251001-v1:0',
  S35: 'anthropic.claude-3-5-sonnet-20240620-v1:0',
}

const ROW = /^(\S+) (\S+) (\S+) (\S+) = (\S+)(?: @ (\S+))?(?: ~ (.+))?$/

function rowsOf(table: string): readonly (readonly [row: string])[] {
  const lines = table.split('\n').map((line) => line.trim().replace(/\s+/g, ' '))
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => [line])
}

function check(row: string): void {
  const [, name = '', region = '', tierName, usage = '', expected, at, variant] =
    ROW.exec(row) ?? []
  expect(expected, `not a row: ${row}`).toBeDefined()
  const modelRequested = name.replace(/[SH]\d\d$/, (short) =>
    short in SHORT_NAMES ? SHORT_NAMES[short as keyof typeof SHORT_NAMES] : short,
  )
  const answer = answerTo(modelRequested, {
    region,
    tier: TIERS.find((tier) => tier === tierName) ?? null,
    atMs: Date.parse(at ?? '2026-11-20'),
    usage: mustOk(parsePriceUsage(usage)),
    variant: variant ?? null,
  })
  expect(answer).toBe(expected)
}

/** Dollars, or the reason why there are none. */
function answerTo(modelRequested: string, call: Omit<PricedCall, 'modelId' | 'scope'>): string {
  const identity = resolveModel(book, modelRequested)
  if (identity.kind === 'unresolved') return identity.reason
  const { modelId, scope } = identity
  const cost = costOfUsage(book, { ...call, modelId, scope })
  return cost.kind === 'priced' ? formatUsd(cost.cost) : cost.reason
}

const CLAUDE = `
  # Claude Sonnet 4.6, in-region and geo 3.30 / 16.50, read 0.33, write 4.125 (5 m) and 6.60 (1 h);
  # global 10 % below.
  S46 us-east-1 standard input=1000000 = 3.3
  S46 us-east-1 standard output=1000000 = 16.5
  # 1,000 × 3.3 µ$ = 0.0033; 200 × 16.5 µ$ = 0.0033
  S46 us-east-1 standard input=1000,output=200 = 0.0066
  S46 eu-west-2 standard input=1000,output=200 = 0.0066
  us.S46 us-east-1 standard input=1000,output=200 = 0.0066
  eu.S46 eu-central-1 standard input=1000,output=200 = 0.0066
  # 1,000 × 3 µ$ + 200 × 15 µ$ = 0.003 + 0.003
  global.S46 us-east-1 standard input=1000,output=200 = 0.006
  global.S46 ap-northeast-1 standard input=1000,output=200 = 0.006
  # 1,000 × 0.33 µ$
  us.S46 us-east-1 standard cache_read=1000 = 0.00033
  # 1,000 × 4.125 µ$
  us.S46 us-east-1 standard cache_write_5m=1000 = 0.004125
  # 1,000 × 6.6 µ$
  us.S46 us-east-1 standard cache_write_1h=1000 = 0.0066
  # 0.3, 3.75 and 6 µ$ × 1,000
  global.S46 us-east-1 standard cache_read=1000 = 0.0003
  global.S46 us-east-1 standard cache_write_5m=1000 = 0.00375
  global.S46 us-east-1 standard cache_write_1h=1000 = 0.006
  # 137×3.3=452.1; 41×16.5=676.5; 9,001×0.33=2,970.33; 513×4.125=2,116.125; 77×6.6=508.2;
  # sum 6,723.255 µ$
  us.S46 us-west-2 standard \
    input=137,output=41,cache_read=9001,cache_write_5m=513,cache_write_1h=77 = 0.006723255
  # batch 1.65 / 8.25, global 1.50 / 7.50
  us.S46 us-east-1 batch input=1000000,output=1000000 = 9.9
  global.S46 us-east-1 batch input=1000000,output=1000000 = 9
  # no long-context price: 300,000 × 3.3 µ$
  us.S46 us-east-1 standard input=300000 = 0.99
  # Sonnet 4.5 had one (6.60 above 200,000); it is historical and prices nothing: 250,000 × 3.3 µ$
  us.S45 us-east-1 standard input=250000 = 0.825
  # Haiku 4.5 geo 1.10 / 5.50: 10,000 × 1.1 + 1,000 × 5.5 = 16,500 µ$; GovCloud 1.20 / 6: 12,000 + 6,000
  H45 ap-southeast-2 standard input=10000,output=1000 = 0.0165
  H45 us-gov-west-1 standard input=10000,output=1000 = 0.018
  us-gov.H45 us-gov-east-1 standard input=10000,output=1000 = 0.018
  # Opus 5 in-region 5.50 / 27.50, GovCloud 6 / 30
  anthropic.claude-opus-5 us-east-1 standard input=1,output=1 = 0.000033
  anthropic.claude-opus-5 us-gov-west-1 standard input=1,output=1 = 0.000036
  global.anthropic.claude-opus-5 us-east-1 standard input=1,output=1 = 0.00003
  # Sonnet 5.5 geo: reads cost 0.05 of input: 1,000,000 × 0.11 µ$
  us.anthropic.claude-sonnet-5-5 us-east-1 standard cache_read=1000000 = 0.11
  # Fable 5.1 geo read 0.275, write 13.75
  us.anthropic.claude-fable-5-1 us-east-1 standard cache_read=1000,cache_write_5m=1000 = 0.014025
  # Opus 4.1 sells no 1 h write; a write of unstated lifetime is the only one sold: 100 × 18.75 µ$
  us.anthropic.claude-opus-4-1-20250805-v1:0 us-east-1 standard cache_write=100 = 0.001875
  us.anthropic.claude-opus-4-1-20250805-v1:0 us-east-1 standard cache_write_1h=100 = unknown_kind
  # Claude 3 Haiku 0.25 / 1.25, no cache prices; Instant 0.80 / 2.40
  anthropic.claude-3-haiku-20240307-v1:0 us-east-1 standard input=4000,output=800 = 0.002
  anthropic.claude-3-haiku-20240307-v1:0 us-east-1 standard cache_read=1 = unknown_kind
  anthropic.claude-instant-v1 us-west-2 standard input=1000,output=1000 = 0.0032
  # 3.5 Haiku latency-optimized 1 / 5 on the us profile, sold from us-east-2
  us.anthropic.claude-3-5-haiku-20241022-v1:0 us-east-2 latency-optimized \
    input=1000,output=1000 = 0.006
`

const CONTEXT = `
  # Haiku 5.5 geo: 0.11 / 0.55 up to 100,000 tokens of prompt, the whole request 0.55 / 2.75 above.
  us.anthropic.claude-haiku-5-5 us-east-1 standard input=100000,output=100 = 0.011055
  # 100,001 × 0.55 + 100 × 2.75 = 55,000.55 + 275 µ$
  us.anthropic.claude-haiku-5-5 us-east-1 standard input=100001,output=100 = 0.05527555
  # cache counts toward the prompt: 1 + 60,000 + 40,000;
  # 1×0.55 + 60,000×0.055 + 40,000×0.6875 = 30,800.55 µ$
  us.anthropic.claude-haiku-5-5 us-east-1 standard \
    input=1,cache_read=60000,cache_write_5m=40000 = 0.03080055
  # one token fewer: 60,000×0.011 + 40,000×0.1375 = 660 + 5,500 µ$
  us.anthropic.claude-haiku-5-5 us-east-1 standard cache_read=60000,cache_write_5m=40000 = 0.00616
  # output does not: 10×0.11 + 200,000×0.55
  us.anthropic.claude-haiku-5-5 us-east-1 standard input=10,output=200000 = 0.1100011
  # GPT-5.6 Terra geo 2.20 / 13.20, above 272,000 4.40 / 19.80: 272,000 × 2.2; 272,001 × 4.4 + 10 × 19.8
  us.openai.gpt-5.6-terra us-east-1 standard input=272000 = 0.5984
  us.openai.gpt-5.6-terra us-east-1 standard input=272001,output=10 = 1.1970024
  # its one price for cache writes (2.75; long 5.50) is the price of a 30 m write:
  # 1,000 × 2.75; 272,001 × 5.5
  us.openai.gpt-5.6-terra us-east-1 standard cache_write_30m=1000 = 0.00275
  us.openai.gpt-5.6-terra us-east-1 standard cache_write=272001 = 1.4960055
  # GPT-5.5 long 11 / 49.50: 300,000 × 11 + 1,000 × 49.5
  openai.gpt-5.5 us-east-2 standard input=300000,output=1000 = 3.3495
  # GPT-6 Luna flat below: 272,000 × 0.11
  us.openai.gpt-6-luna us-east-1 standard input=272000 = 0.02992
`

const NOVA = `
  # Nova Pro 0.80 / 3.20, read 0.20, writes free: 1,000×0.8 + 500×3.2 + 4,000×0.2 = 3,200 µ$
  amazon.nova-pro-v1:0 us-east-1 standard \
    input=1000,output=500,cache_read=4000,cache_write=9000 = 0.0032
  us.amazon.nova-pro-v1:0 us-east-1 standard cache_write_5m=9000 = 0
  us.amazon.nova-pro-v1:0 us-east-1 flex output=1000 = 0.0016
  us.amazon.nova-pro-v1:0 us-east-1 priority input=1000 = 0.0014
  us.amazon.nova-pro-v1:0 us-east-1 priority output=1000 = 0.0056
  us.amazon.nova-pro-v1:0 us-east-1 latency-optimized input=1000,output=1000 = 0.005
  us.amazon.nova-pro-v1:0 us-east-1 batch input=1000,output=1000 = 0.002
  # Nova Lite 0.06 / 0.24 in us-east-1, 0.069 / 0.276 in eu-west-1: price of the source region
  us.amazon.nova-lite-v1:0 us-east-1 standard input=10000,output=1000 = 0.00084
  eu.amazon.nova-lite-v1:0 eu-west-1 standard input=10000,output=1000 = 0.000966
  # Nova Micro 0.035 / 0.14, read 0.00875; ap-southeast-2 0.037
  amazon.nova-micro-v1:0 us-east-1 standard cache_read=1 = 0.00000000875
  apac.amazon.nova-micro-v1:0 ap-southeast-2 standard input=1000 = 0.000037
  # Nova 2 Lite: in-region and geo 0.33 / 2.75, global 0.30 / 2.50 in us-east-1;
  # geo 0.528 / 4.411 in eu-south-1
  amazon.nova-2-lite-v1:0 us-east-1 standard input=1000,output=1000 = 0.00308
  global.amazon.nova-2-lite-v1:0 us-east-1 standard input=1000,output=1000 = 0.0028
  eu.amazon.nova-2-lite-v1:0 eu-south-1 standard input=1000,output=1000 = 0.004939
  # a cache read above the input price, as AWS lists it: 1,000 × 0.85
  global.amazon.nova-2-lite-v1:0 ca-west-1 standard cache_read=1000 = 0.00085
`

const OTHERS = `
  # Llama 3.1 405B 2.40 / 2.40; latency-optimized on the us profile 3 / 3
  meta.llama3-1-405b-instruct-v1:0 us-west-2 standard input=1000,output=1000 = 0.0048
  us.meta.llama3-1-405b-instruct-v1:0 us-east-2 latency-optimized input=1000,output=1000 = 0.006
  # Llama 4 Maverick 0.24 / 0.97: 5×0.24 + 7×0.97 = 7.99 µ$
  us.meta.llama4-maverick-17b-instruct-v1:0 us-east-1 standard input=5,output=7 = 0.00000799
  # Mistral Large 24.02 4 / 12, eu-west-3 5.20 / 15.60
  mistral.mistral-large-2402-v1:0 us-east-1 standard input=1000,output=1000 = 0.016
  mistral.mistral-large-2402-v1:0 eu-west-3 standard input=1000,output=1000 = 0.0208
  # DeepSeek R1 1.35 / 5.40; V3.2 in ap-southeast-2 0.64 / 1.91, priority 1.12 / 3.3425
  us.deepseek.r1-v1:0 us-east-1 standard input=1000,output=1000 = 0.00675
  deepseek.v3.2 ap-southeast-2 standard input=1000,output=1000 = 0.00255
  deepseek.v3.2 ap-southeast-2 priority input=1000,output=1000 = 0.0044625
  # gpt-oss-120b under its other name, 0.15 / 0.60; eu-west-1 0.18 / 0.70; flex 0.075 / 0.30
  openai.gpt-oss-120b us-east-1 standard input=1000,output=1000 = 0.00075
  openai.gpt-oss-120b-1:0 eu-west-1 standard input=1000,output=1000 = 0.00088
  openai.gpt-oss-120b-1:0 us-east-1 flex input=1000,output=1000 = 0.000375
  # GPT-5.4 charges no cache write: 1,000 × 2.75 + 500 × 0.275
  openai.gpt-5.4 us-east-1 standard input=1000,cache_read=500,cache_write=70 = 0.0028875
  # Grok 4.7 geo flex 1.10 / 3.30, global priority 3.50 / 10.50
  us.xai.grok-4.7 us-east-1 flex input=1000,output=1000 = 0.0044
  global.xai.grok-4.7 us-east-1 priority input=1000,output=1000 = 0.014
  # Qwen3 32B 0.15 / 0.60; GLM 4.7 Flash 0.07 / 0.40; Command R+ 3 / 15; Jamba 1.5 Large 2 / 8;
  # Palmyra X5 0.60 / 6
  qwen.qwen3-32b-v1:0 us-east-1 standard input=1000,output=1000 = 0.00075
  zai.glm-4.7-flash us-east-1 standard input=1000,output=1000 = 0.00047
  cohere.command-r-plus-v1:0 us-east-1 standard input=1000,output=1000 = 0.018
  ai21.jamba-1-5-large-v1:0 us-east-1 standard input=1000,output=1000 = 0.01
  us.writer.palmyra-x5-v1:0 us-west-2 standard input=1000,output=1000 = 0.0066
  # Titan Text Express in eu-west-1 1 / 1.70
  amazon.titan-text-express-v1 eu-west-1 standard input=1000,output=1000 = 0.0027
  # Kimi K2 Thinking 0.60 / 2.50, MiniMax M2 0.30 / 1.20, Gemma 3 27B 0.23 / 0.38,
  # Nemotron Nano 9B 0.06 / 0.23
  moonshotai.kimi-k2-thinking us-east-1 standard input=1000,output=1000 = 0.0031
  minimax.minimax-m2 us-east-1 standard input=1000,output=1000 = 0.0015
  google.gemma-3-27b-it us-east-1 standard input=1000,output=1000 = 0.00061
  nvidia.nemotron-nano-9b-v2 us-east-1 standard input=1000,output=1000 = 0.00029
`

const UNITS = `
  # Titan Text Embeddings V2: 0.02, in ap-northeast-2 0.024592; output costs nothing, which is stated
  amazon.titan-embed-text-v2:0 us-east-1 standard input=8000 = 0.00016
  amazon.titan-embed-text-v2:0 ap-northeast-2 standard input=1 = 0.000000024592
  amazon.titan-embed-text-v2:0 us-east-1 standard input=8000,output=5 = 0.00016
  global.cohere.embed-v4:0 us-east-1 standard input=1000 = 0.00012
  # Nova multimodal embeddings: 0.00006 an image, 0.0006 a document page, 0.00014 a second of audio,
  # 0.0007 of video
  amazon.nova-2-multimodal-embeddings-v1:0 us-east-1 standard \
    image_input=3,audio_input=10,video_seconds=10 = 0.00858
  amazon.nova-2-multimodal-embeddings-v1:0 us-east-1 standard image_input=3 = 0.0018 ~ document
  # images: Nova Canvas 0.04 to 0.08 by variant, Stable Image Ultra 0.14;
  # images and output count the same thing
  amazon.nova-canvas-v1:0 us-east-1 standard output=5 = 0.4 ~ up to 2048x2048, premium
  amazon.nova-canvas-v1:0 us-east-1 standard images=5 = 0.2 ~ Up to 1024x1024 standard
  # which of four prices is meant is not said
  amazon.nova-canvas-v1:0 us-east-1 standard output=5 = unknown_kind
  stability.stable-image-ultra-v1:1 us-west-2 standard output=2 = 0.28
  # video: Nova Reel 0.08 a second in its one variant; Ray 2 at 720p 1.50
  amazon.nova-reel-v1:1 us-east-1 standard output=6 = 0.48
  luma.ray-v2:0 us-west-2 standard video_seconds=5 = 7.5 ~ 720p, 24 fps
  # rerank 0.001 and 0.002 a query; Marengo 0.00007 a request; Pegasus 0.00049 a second in, 7.50 out
  amazon.rerank-v1:0 us-west-2 standard search_units=3 = 0.003
  cohere.rerank-v3-5:0 us-east-1 standard search_units=3 = 0.006
  twelvelabs.marengo-embed-3-0-v1:0 us-east-1 standard requests=10 = 0.0007
  us.twelvelabs.pegasus-1-2-v1:0 us-west-2 standard video_seconds=60,output=100 = 0.03015
  # speech: Nova Sonic audio 3.40 / 13.60, text 0.06 / 0.24
  amazon.nova-sonic-v1:0 us-east-1 standard \
    input=100,output=100,audio_input=1000,audio_output=1000 = 0.01703
  # guardrail text units 0.15 per 1,000 for content and topic filters, words free
  us.S46 us-east-1 standard \
    input=1000,text_units_content=7,text_units_topic=1,text_units_word=7 = 0.0045
  us.S46 us-east-1 standard text_units_contextual_grounding=1 = unknown_kind
  # a guardrail call is priced by these rates alone: 7 × 0.15 / 1,000 + 3 images × 0.00075
  guardrail/gr-1/3 us-east-1 standard \
    text_units_content=7,text_units_word=7,text_units_content_image=3 = 0.0033
  guardrail/gr-1/DRAFT eu-west-1 standard \
    text_units_topic=2,text_units_sensitive_information_free=2 = 0.0003
  guardrail/gr-1/3 us-east-1 standard text_units_sensitive_information=1 = unknown_kind
  guardrail/gr-1/3 us-east-1 standard text_units_automated_reasoning=1 = unknown_kind
  guardrail/gr-1/3 us-east-1 standard input=1 = unknown_kind
  guardrail/gr-1/3 us-gov-west-1 standard text_units_content=1 = unknown_region
  # checks: 0.07, 0.08 and 0.10 per 1,000 units
  guardrail-checks us-east-1 standard text_units_checks_content=1,\
text_units_checks_prompt_attack=1,text_units_checks_sensitive_information=1 = 0.00025
  # Titan's image of 512 by 512 has a price; of larger ones none is known. A remark in brackets
  # is no part of a name
  amazon.titan-image-generator-v2:0 us-east-1 standard images=3 = 0.024 ~ 512x512, standard
  amazon.titan-image-generator-v2:0 us-east-1 standard images=3 = unknown_kind ~ 1024x1024, standard
  amazon.nova-canvas-v1:0 us-east-1 standard images=2 = 0.12 ~ up to 1024x1024, premium
  amazon.nova-canvas-v1:0 us-east-1 standard images=2 = unknown_kind ~ up to 1024x1024, ultra
  us.stability.stable-creative-upscale-v1:0 us-west-2 standard images=1 = 0.6
  # Diffusion XL is sold by steps, which must be said
  stability.stable-diffusion-xl-v1 us-east-1 standard images=1 = unknown_kind
  amazon.nova-reel-v1:1 us-east-1 standard video_seconds=120 = 9.6 ~ 720p, 24 fps
  amazon.nova-reel-v1:1 us-east-1 standard video_seconds=6 = unknown_kind ~ 1920x1080, 24 fps
  luma.ray-v2:0 us-west-2 standard video_seconds=9 = 6.75 ~ 540p, 24 fps
  # Titan's multimodal embeddings: 5 tokens at 0.80 and an image at 0.00006
  amazon.titan-embed-image-v1 us-east-1 standard input=5,image_input=1 = 0.000064
  # images beside Cohere's text have no price here, and make the call unpriced
  cohere.embed-v4:0 us-east-1 standard input=5,image_input=1 = unknown_kind
  twelvelabs.marengo-embed-2-7-v1:0 us-east-1 standard image_input=2 = 0.0002
  us.twelvelabs.marengo-embed-3-0-v1:0 us-east-1 standard image_input=1 = unknown_kind
`

const DATES = `
  # GPT-5.6 Luna geo fell from 1.10 / 6.60 to 0.22 / 1.32 on 2026-07-30
  us.openai.gpt-5.6-luna us-east-1 standard \
    input=1000,output=1000 = 0.0077 @ 2026-07-29T23:59:59.999Z
  us.openai.gpt-5.6-luna us-east-1 standard input=1000,output=1000 = 0.00154 @ 2026-07-30T00:00:00Z
  # its cache followed: read 0.11, write 1.375
  openai.gpt-5.6-luna us-east-1 standard cache_read=1000,cache_write=1000 = 0.001485 @ 2026-07-20
  us.openai.gpt-5.6-terra us-east-1 standard input=1000,output=1000 = 0.01925 @ 2026-07-29
  # the global price is geo / 1.1: 2.50 / 15
  global.openai.gpt-5.6-terra us-east-1 standard input=1000,output=1000 = 0.0175 @ 2026-07-29
  # Sol's day is not known, only that 4.40 / 22 was first seen on 2026-10-08: 5.50 / 33 until then
  us.openai.gpt-5.6-sol us-east-1 standard input=1000,output=1000 = 0.0385 @ 2026-10-07T12:00:00Z
  us.openai.gpt-5.6-sol us-east-1 standard input=1000,output=1000 = 0.0264 @ 2026-10-08
  global.openai.gpt-5.6-sol us-east-1 standard input=1000,output=1000 = 0.035 @ 2026-09-01
  # the long-context band began on 2026-08-03: 300,000 × 5.5, then × 11, since October × 8.8
  us.openai.gpt-5.6-sol us-east-1 standard input=300000 = 1.65 @ 2026-08-02T23:00:00Z
  us.openai.gpt-5.6-sol us-east-1 standard input=300000 = 3.3 @ 2026-08-03
  us.openai.gpt-5.6-sol us-east-1 standard input=300000 = 2.64 @ 2026-10-08
  # Claude 3.5 Sonnet doubled in some regions on 2025-12-01, elsewhere it stayed at 3 / 15
  S35 us-east-1 standard input=1000,output=1000 = 0.018 @ 2025-11-30
  S35 us-east-1 standard input=1000,output=1000 = 0.036 @ 2025-12-01
  S35 us-east-1 batch input=1000,output=1000 = 0.009 @ 2025-11-30
  S35 us-east-1 batch input=1000,output=1000 = 0.018 @ 2025-12-01
  S35 ap-northeast-1 standard input=1000,output=1000 = 0.018 @ 2026-11-20
`

const UNKNOWN = `
  anthropic.claude-sonnet-9 us-east-1 standard input=1 = unknown_model
  us.anthropic.claude-sonnet-9 us-east-1 standard input=1 = unknown_model
  # sold in GovCloud only by a row of its own; "*" never covers it, nor China, nor a name that is none
  anthropic.claude-opus-4-1-20250805-v1:0 us-gov-west-1 standard input=1 = unknown_region
  S46 cn-north-1 standard input=1 = unknown_region
  S46 mars-1 standard input=1 = unknown_region
  mistral.mistral-large-2402-v1:0 eu-north-1 standard input=1 = unknown_region
  # there is no global price for a model that is not sold globally
  global.anthropic.claude-3-haiku-20240307-v1:0 us-east-1 standard input=1 = unknown_region
  anthropic.claude-3-haiku-20240307-v1:0 us-east-1 priority input=1 = unknown_tier
  # caching is not sold in batch, audio not by Sonnet; the priced part does not become the cost
  S46 us-east-1 batch input=1,cache_read=1 = unknown_kind
  S46 us-east-1 standard input=1,audio_input=1 = unknown_kind
  # two lifetimes are sold, the write does not say which
  S46 us-east-1 standard cache_write=1 = unknown_kind
  arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4 us-east-1 standard \
    input=1 = unresolved_profile
`

const TIERS_UNKNOWN = `
  # paid by the hour, not by the token; and a tier nobody knows yet
  S46 us-east-1 reserved input=1 = unknown_tier
  S46 us-east-1 a_tier_of_next_year input=1 = unknown_tier
`

describe.each([
  ['[P1] Claude', CLAUDE],
  ['[P6] context bands', CONTEXT],
  ['[P8] Nova', NOVA],
  ['[P1] other makers', OTHERS],
  ['[P2] units other than text tokens', UNITS],
  ['[P7] price changes', DATES],
  ['[P4] unknown is not zero', UNKNOWN],
  ['[P13] tiers without a rate', TIERS_UNKNOWN],
] as const)('%s', (_, table) => {
  it.each(rowsOf(table))('%s', check)
})
