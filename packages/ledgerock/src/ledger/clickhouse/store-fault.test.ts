import { describe, expect, it } from 'vitest'
import { Fault } from '../../kernel/fault.ts'
import { storeFault } from './store-fault.ts'

describe('storeFault', () => {
  it.each([
    ['Code: 27. DB::Exception: Cannot parse input (CANNOT_PARSE_INPUT)', 'row_invalid', false],
    ['Code: 407. DB::Exception: Decimal math overflow', 'row_invalid', false],
    ['Code: 159. DB::Exception: Timeout exceeded', 'ledger_timeout', true],
    ['Code: 241. DB::Exception: Memory limit exceeded', 'ledger_limit', true],
    ['Code: 252. DB::Exception: Too many parts', 'ledger_refused', true],
    ['Code: 516. DB::Exception: Authentication failed', 'ledger_refused', true],
    ['Code: 76. DB::Exception: Cannot lock file status', 'ledger_locked', false],
    ['connect ECONNREFUSED 127.0.0.1:8123', 'ledger_unreachable', true],
    ['socket hang up', 'ledger_unreachable', true],
    ['Unexpected end of JSON input', 'ledger_unreachable', true],
  ])('[L12] %s is %s', (message, code, retryable) => {
    expect(storeFault(new Error(message))).toMatchObject({ code, retryable })
  })

  it('[L12] the number that the client found counts, a Fault stays what it is', () => {
    expect(storeFault(Object.assign(new Error('x'), { code: '376' }))).toMatchObject({
      code: 'row_invalid',
    })
    const fault = new Fault('mine', 'own')
    expect(storeFault(fault)).toBe(fault)
  })

  it('[L12] a message is one short line', () => {
    const { message } = storeFault(new Error(`first line\nRow 1: ${'secret '.repeat(900)}`))
    expect(message).toBe('first line')
  })
})
