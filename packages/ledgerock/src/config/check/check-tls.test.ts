import { generate } from 'selfsigned'
import { beforeAll, describe, expect, it } from 'vitest'
import { faultsOf } from '../testing/faults-of.ts'

const TEXT = 'gateway: { tls: { cert: cert.pem, key: key.pem } }'
const CERT = 'l.yaml:1:25 gateway.tls.cert'
const KEY = 'l.yaml:1:40 gateway.tls.key'

const faults = (cert: string, key: string): readonly string[] =>
  faultsOf(TEXT, {}, { 'cert.pem': cert, 'key.pem': key })

describe('gateway.tls', () => {
  let own = { cert: '', private: '' }
  let other = own
  beforeAll(async () => {
    own = await generate([{ name: 'commonName', value: 'localhost' }])
    other = await generate([{ name: 'commonName', value: 'localhost' }])
  })

  it('[O14] a certificate and its key are fine, with a chain and text around them too', () => {
    expect(faults(own.cert, own.private)).toEqual([])
    expect(faults(`Subject: x\n${own.cert}\n${other.cert}`, own.private)).toEqual([])
  })

  it('[O14] files that are not there, hold something else or do not belong together are faults', () => {
    expect(faultsOf(TEXT)).toEqual([
      `${CERT}: there is no file cert.pem`,
      `${KEY}: there is no file key.pem`,
    ])
    expect(faults(own.private, own.cert)).toEqual([
      `${CERT}: holds no PEM certificate`,
      `${KEY}: holds no PEM private key`,
    ])
    const broken = own.cert.replace(/[A-Za-z0-9+/]{20}/, 'A'.repeat(20))
    expect(faults(broken, own.private)).toEqual([
      `${CERT}: holds a certificate that cannot be read`,
    ])
    expect(faults(own.cert, other.private)).toEqual([
      `${KEY}: is not the key of the certificate in cert`,
    ])
    expect(faults(`${other.cert}\n${own.cert}`, own.private)).toEqual([
      `${KEY}: is not the key of the certificate in cert`,
    ])
    const locked = own.private.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY')
    expect(faults(own.cert, locked)).toEqual([
      `${KEY}: holds a private key with a passphrase; the gateway needs one without`,
    ])
  })
})
