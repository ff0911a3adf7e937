// What writer and recovery both do to a segment's file.

import type { OpenFile } from './file-layer.ts'
import { encodeSegmentHeader, type SegmentHeader } from './segment.ts'

export function writeSegmentHeader(file: OpenFile, header: SegmentHeader): void {
  const block = encodeSegmentHeader(header)
  file.writeAt(block, 0, block.length, 0)
}

export function syncFile(file: OpenFile): Promise<void> {
  return new Promise((resolve, reject) => {
    file.dataSync((error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
}
