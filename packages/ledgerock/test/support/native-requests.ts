// A request in each maker's own words, as its page of the Bedrock user guide has it ("Inference request parameters and response
// fields for foundation models"), and what Bedrock counts for it where that is no text token.

export type NativeRequest = {
  readonly model: string
  readonly body: Readonly<Record<string, unknown>>
  /** What is counted besides text tokens. */
  readonly units?: Readonly<Record<string, number>>
}

const QUESTION = 'Which river runs through the valley?'
const MESSAGES = [{ role: 'user', content: QUESTION }]
/** Not much of a picture, but base64. */
const PICTURE = 'iVBORw0KGgo='
const FILM = 'AAAA'.repeat(60_000)

const chat = (model: string): NativeRequest => ({
  model,
  body: { messages: MESSAGES, max_tokens: 60 },
})

/** Models that answer with text, whole and in a stream. */
export const TEXT_REQUESTS: readonly NativeRequest[] = [
  {
    model: 'us.anthropic.claude-sonnet-4-6',
    body: { anthropic_version: 'bedrock-2023-05-31', messages: MESSAGES, max_tokens: 60 },
  },
  {
    model: 'us.amazon.nova-lite-v1:0',
    body: {
      schemaVersion: 'messages-v1',
      messages: [{ role: 'user', content: [{ text: QUESTION }] }],
    },
  },
  { model: 'amazon.titan-text-express-v1', body: { inputText: QUESTION } },
  { model: 'meta.llama3-1-8b-instruct-v1:0', body: { prompt: QUESTION, max_gen_len: 60 } },
  { model: 'us.meta.llama4-scout-17b-instruct-v1:0', body: { prompt: QUESTION } },
  { model: 'mistral.mistral-7b-instruct-v0:2', body: { prompt: QUESTION, max_tokens: 60 } },
  chat('mistral.mistral-large-2402-v1:0'),
  chat('mistral.mistral-large-3-675b-instruct'),
  { model: 'cohere.command-text-v14', body: { prompt: QUESTION, stream: true } },
  { model: 'cohere.command-r-v1:0', body: { message: QUESTION, max_tokens: 60 } },
  chat('ai21.jamba-1-5-mini-v1:0'),
  { model: 'us.deepseek.r1-v1:0', body: { prompt: QUESTION, max_tokens: 60 } },
  chat('deepseek.v3-v1:0'),
  chat('qwen.qwen3-32b-v1:0'),
  chat('google.gemma-3-27b-it'),
  chat('minimax.minimax-m2'),
  chat('moonshotai.kimi-k2.5'),
  chat('nvidia.nemotron-nano-3-30b'),
  chat('zai.glm-4.7'),
  chat('openai.gpt-oss-120b-1:0'),
  chat('xai.grok-4.7'),
  chat('us.writer.palmyra-x5-v1:0'),
]

/** Text about a film: paid by the second watched, and its answer says nothing of them. */
export const PEGASUS_REQUEST: NativeRequest = {
  model: 'us.twelvelabs.pegasus-1-2-v1:0',
  body: { inputPrompt: QUESTION, mediaSource: { base64String: FILM } },
}

/** Models that make vectors, rankings and pictures, all at once. */
export const UNIT_REQUESTS: readonly NativeRequest[] = [
  { model: 'amazon.titan-embed-text-v2:0', body: { inputText: QUESTION } },
  {
    model: 'amazon.titan-embed-image-v1',
    body: { inputText: QUESTION, inputImage: PICTURE },
    units: { image_input: 1 },
  },
  {
    model: 'amazon.nova-2-multimodal-embeddings-v1:0',
    body: {
      schemaVersion: 'nova-multimodal-embed-v1',
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: {
        embeddingPurpose: 'GENERIC_INDEX',
        text: { truncationMode: 'END', value: QUESTION },
      },
    },
  },
  {
    model: 'amazon.nova-2-multimodal-embeddings-v1:0',
    body: {
      schemaVersion: 'nova-multimodal-embed-v1',
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: {
        embeddingPurpose: 'GENERIC_INDEX',
        image: { format: 'png', detailLevel: 'DOCUMENT_IMAGE', source: { bytes: PICTURE } },
      },
    },
    units: { image_input: 1 },
  },
  {
    model: 'cohere.embed-english-v3',
    body: { texts: [QUESTION, 'And which bridge?'], input_type: 'search_document' },
  },
  {
    model: 'us.cohere.embed-v4:0',
    body: { texts: [QUESTION], input_type: 'search_query' },
  },
  {
    model: 'us.twelvelabs.marengo-embed-3-0-v1:0',
    body: { inputType: 'text', text: { inputText: QUESTION } },
    units: { requests: 1 },
  },
  {
    model: 'us.twelvelabs.marengo-embed-3-0-v1:0',
    body: { inputType: 'image', image: { mediaSource: { base64String: PICTURE } } },
    units: { image_input: 1 },
  },
  {
    model: 'cohere.rerank-v3-5:0',
    body: { query: 'river', documents: Array(101).fill('a document'), api_version: 2 },
    units: { search_units: 2 },
  },
  {
    model: 'amazon.rerank-v1:0',
    body: { query: 'river', documents: ['a', 'b'] },
    units: { search_units: 1 },
  },
  {
    model: 'amazon.nova-canvas-v1:0',
    body: {
      taskType: 'TEXT_IMAGE',
      textToImageParams: { text: 'a river' },
      imageGenerationConfig: { numberOfImages: 2, quality: 'premium', width: 512, height: 512 },
    },
    units: { images: 2 },
  },
  {
    model: 'amazon.nova-canvas-v1:0',
    body: {
      taskType: 'TEXT_IMAGE',
      textToImageParams: { text: 'a river' },
      imageGenerationConfig: { width: 2_048, height: 1_024 },
    },
    units: { images: 1 },
  },
  {
    model: 'amazon.titan-image-generator-v2:0',
    body: {
      taskType: 'TEXT_IMAGE',
      textToImageParams: { text: 'a river' },
      imageGenerationConfig: { numberOfImages: 3, width: 512, height: 512 },
    },
    units: { images: 3 },
  },
  { model: 'stability.sd3-5-large-v1:0', body: { prompt: 'a river' }, units: { images: 1 } },
  {
    model: 'us.stability.stable-image-inpaint-v1:0',
    body: { prompt: 'a river', image: PICTURE },
    units: { images: 1 },
  },
]

/** Films, made in the background and billed by the second when they are asked for. */
export const FILM_REQUESTS: readonly NativeRequest[] = [
  {
    model: 'amazon.nova-reel-v1:0',
    body: { taskType: 'TEXT_VIDEO', textToVideoParams: { text: 'a river' } },
    units: { video_seconds: 6 },
  },
  {
    model: 'amazon.nova-reel-v1:1',
    body: {
      taskType: 'MULTI_SHOT_AUTOMATED',
      multiShotAutomatedParams: { text: 'a river in the morning' },
      videoGenerationConfig: { durationSeconds: 24, fps: 24, dimension: '1280x720' },
    },
    units: { video_seconds: 24 },
  },
  {
    model: 'luma.ray-v2:0',
    body: { prompt: 'a river', duration: '9s', resolution: '540p' },
    units: { video_seconds: 9 },
  },
]
