// What content that is not text costs in this simulator's tokens. The rules are its own: simple, never above the bytes
// sent, and the same in every request shape.

export const MESSAGE_TOKENS = 4
export const TOOL_TOKENS = 8
const BASE64_CHARACTERS_PER_TOKEN = 20
const IMAGE_TOKENS_MAX = 1_600

export function imageTokens(base64Characters: number): number {
  return Math.min(IMAGE_TOKENS_MAX, mediaTokens(base64Characters))
}

export function mediaTokens(base64Characters: number): number {
  return 1 + Math.floor(base64Characters / BASE64_CHARACTERS_PER_TOKEN)
}
