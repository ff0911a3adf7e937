// What a scan counts while the bytes of a document go by, whatever it looks for.

import { looksLikeImage, looksLikeMedia, MEDIA_BYTES_MIN } from '../json/json-token.ts'

export class ScanCounts {
  /** Bytes inside strings, keys included. */
  stringBytes = 0
  /** Bytes of string values under the names models write text under. */
  textBytes = 0
  mediaBytes = 0
  mediaParts = 0
  /** Those of the media that begin as a picture does. */
  imageParts = 0

  protected forget(): void {
    this.stringBytes = 0
    this.textBytes = 0
    this.mediaBytes = 0
    this.mediaParts = 0
    this.imageParts = 0
  }

  /** A string under a name that media stand under; of one whose beginning lay in an earlier chunk only the length is known. */
  protected addMedia(chunk: Buffer, from: number, length: number, isSplit: boolean): void {
    if (length < MEDIA_BYTES_MIN || !(isSplit || looksLikeMedia(chunk, from))) return
    this.mediaBytes += length
    this.mediaParts += 1
    if (!isSplit && looksLikeImage(chunk, from)) this.imageParts += 1
  }
}
