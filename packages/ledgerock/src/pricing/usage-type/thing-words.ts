// Splits the part of a usage type that says what is sold into lower-case words, the same words for every scheme: kebab-case,
// snake_case and CamelCase (`CacheWrite1hInputTokenCount_LCtx` is cache, write, 1h, input, token, count, long, ctx).

/** Written together by AWS and without a capital between them. */
const JOINED: readonly (readonly [RegExp, string])[] = [
  [/LCtx/gi, 'long-ctx'],
  [/searchunits/gi, 'search-units'],
  [/(\d)(months?)/gi, '$1-$2'],
  [/invokeflow/gi, 'invoke-flow'],
  [/bedrockflows/gi, 'bedrock-flows'],
  [/optimizeprompt/gi, 'optimize-prompt'],
  [/generatesql/gi, 'generate-sql'],
  [/structuredretrieve/gi, 'structured-retrieve'],
  [/dataautomation/gi, 'data-automation'],
]

export function thingWords(text: string): readonly string[] {
  const spaced = JOINED.reduce((all, [pattern, words]) => all.replace(pattern, words), text)
  return spaced
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replace(/([a-z])(\d)/g, '$1-$2')
    .toLowerCase()
    .split(/[-_ .:]+/)
    .filter((word) => word !== '')
}
