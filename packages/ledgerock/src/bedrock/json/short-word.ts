// Reasons, tiers and error types are words; anything else under their names is somebody's text, which is not ours to keep (I8).

export function shortWord(text: string | null | undefined): string | null {
  return typeof text === 'string' && /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(text) ? text : null
}
