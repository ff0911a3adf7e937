// Sizes as people write them: `10GiB`, `500MB`, `64KiB`. `GiB` counts in 1024s and `GB` in 1000s, as the standards say.

const UNITS = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const

export const BYTE_SIZE_PATTERN = /^[0-9]{1,15}(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/

/** Bytes, or null where the text is not a size that a number holds exactly. */
export function parseByteSize(text: string): number | null {
  const match = /^([0-9]{1,15})(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/.exec(text)
  if (match === null) return null
  const bytes = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]
  return Number.isSafeInteger(bytes) ? bytes : null
}
