import { describe, expect, it } from 'vitest'
import { HEADER_FIELDS_MAX, headFault } from './request-head.ts'

const HOST = ['Host', 'x']
const fields = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => [`x-${index}`, 'y']).flat()

describe('the head of an HTTP/1.1 request', () => {
  it.each([
    ['1.1', [...HOST, 'Content-Length', '2']],
    ['1.1', [...HOST, 'Transfer-Encoding', 'chunked']],
    ['1.1', [...HOST, 'TRANSFER-ENCODING', ' Chunked ']],
    ['1.0', []],
    ['1.1', [...HOST, ...fields(HEADER_FIELDS_MAX - 1)]],
    ['1.1', [...HOST, 'Hosts', 'y', 'transfer-encodings', 'gzip']],
  ])('[Y22] is taken where it can be read in one way: %s %o', (httpVersion, rawHeaders) => {
    expect(headFault({ httpVersion, rawHeaders })).toBeNull()
  })

  it.each([
    ['1.1', [...HOST, 'Transfer-Encoding', 'gzip, chunked'], 400],
    ['1.1', [...HOST, 'Transfer-Encoding', 'identity'], 400],
    ['1.1', [...HOST, 'Transfer-Encoding', ''], 400],
    ['1.0', [...HOST, 'Transfer-Encoding', 'chunked'], 400],
    ['1.1', [...HOST, 'hOST', 'x'], 400],
    ['1.1', [], 400],
    ['2.0', HOST, 400],
    ['0.9', [], 400],
    ['1.1', [...HOST, ...fields(HEADER_FIELDS_MAX)], 431],
  ])('[Y22] is refused else: %s %o', (httpVersion, rawHeaders, status) => {
    expect(headFault({ httpVersion, rawHeaders })?.status).toBe(status)
  })
})
