// Where damaged bytes are kept: `quarantine/<segment>-<offset>.bin` in the journal's folder, so that nothing that could
// still be evidence is thrown away. The same damage always has the same name; a disk that cannot take the copy does not
// stop the reading.

import type { FileLayer } from './file-layer.ts'
import { segmentName } from './segment.ts'

export const QUARANTINE_FOLDER = 'quarantine'

/** Answers the path, or null where the bytes could not be kept. */
export async function quarantine(
  files: FileLayer,
  folder: string,
  segment: number,
  offset: number,
  bytes: Buffer,
): Promise<string | null> {
  const kept = `${folder}/${QUARANTINE_FOLDER}`
  const path = `${kept}/${segmentName(segment).replace('.seg', '')}-${offset}.bin`
  try {
    await files.makeDirectory(kept)
    await files.writeWhole(path, bytes)
    await files.syncDirectory(kept)
    return path
  } catch {
    return null
  }
}

/** `bytes` without the zeros at its end. */
export function withoutTrailingZeros(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end -= 1
  return bytes.subarray(0, end)
}
