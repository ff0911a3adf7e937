// How the names of variants are compared: sizes, qualities and terms are spelled in many ways.

/** Case, punctuation and remarks in brackets do not tell variants apart. */
export function variantKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/\([^)]*\)/g, ' ')
    .replace(/[^a-z0-9.]+/g, ' ')
    .trim()
}
