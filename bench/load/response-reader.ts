// Reads HTTP/1.1 responses as cheaply as can be while still noticing what is wrong with them: status, when the body begins,
// where it ends (content-length or chunked). One response at a time; what follows its end is an error.

export type Progress = 'more' | 'done' | 'broken'

const HEAD_END = Buffer.from('\r\n\r\n')
const CR = 0x0d
const LF = 0x0a

export class ResponseReader {
  status = 0
  /** Whether a byte of the body has been seen. */
  bodyBegan = false
  bodyBytes = 0
  #head: Buffer | null = null
  #inBody = false
  /** Bytes of the body, or of the current chunk with its line end, still to come. */
  #left = 0
  #chunked = false
  #chunkSize = 0
  #inSize = false
  #inLastLine = false

  reset(): void {
    this.status = 0
    this.bodyBegan = false
    this.bodyBytes = 0
    this.#head = null
    this.#inBody = false
    this.#left = 0
    this.#chunked = false
    this.#inSize = false
    this.#inLastLine = false
  }

  feed(chunk: Buffer): Progress {
    let at = 0
    if (!this.#inBody) {
      const bytes = this.#head === null ? chunk : Buffer.concat([this.#head, chunk])
      const end = bytes.indexOf(HEAD_END)
      if (end === -1) {
        this.#head = bytes
        return 'more'
      }
      if (!this.#readHead(bytes.toString('latin1', 0, end + 2))) return 'broken'
      this.#inBody = true
      chunk = bytes
      at = end + HEAD_END.length
    }
    return this.#chunked ? this.#readChunks(chunk, at) : this.#readPlain(chunk, at)
  }

  #readHead(head: string): boolean {
    this.status = Number(head.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1]
    this.#chunked = length === undefined
    this.#left = Number(length ?? 0)
    this.#inSize = this.#chunked
    this.#chunkSize = 0
    return length !== undefined || /\r\ntransfer-encoding: *chunked\r\n/i.test(head)
  }

  #readPlain(chunk: Buffer, at: number): Progress {
    const bytes = chunk.length - at
    if (bytes > 0) this.bodyBegan = true
    this.bodyBytes += bytes
    this.#left -= bytes
    if (this.#left < 0) return 'broken'
    return this.#left === 0 ? 'done' : 'more'
  }

  #readChunks(chunk: Buffer, from: number): Progress {
    let at = from
    while (at < chunk.length) {
      if (this.#inSize) {
        const byte = chunk[at++] as number
        if (byte === LF) this.#beginChunk()
        else if (byte !== CR) this.#chunkSize = this.#chunkSize * 16 + hexDigit(byte)
        if (Number.isNaN(this.#chunkSize)) return 'broken'
        continue
      }
      const taken = Math.min(this.#left, chunk.length - at)
      at += taken
      this.#left -= taken
      if (this.#left > 0) return 'more'
      if (this.#inLastLine) return at === chunk.length ? 'done' : 'broken'
      this.#inSize = true
      this.#chunkSize = 0
    }
    return 'more'
  }

  /** Its size is known: the data and a line end follow; after an empty one only the line end. */
  #beginChunk(): void {
    this.#inSize = false
    this.#inLastLine = this.#chunkSize === 0
    this.#left = this.#chunkSize + 2
    this.bodyBytes += this.#chunkSize
    if (this.#chunkSize > 0) this.bodyBegan = true
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN
}
