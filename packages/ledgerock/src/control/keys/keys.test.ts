import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSignatureClaim } from '../../governance/credential/signature-claim.ts'
import { signAsAws } from '../../governance/testing/aws-signer.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

const FILE_SECRET = 'a-secret-of-more-than-32-characters'
let plane: ControlPlane
beforeEach(async () => {
  const declared = { name: 'ops', secret: FILE_SECRET, bind: { team: 'platform' }, region: null }
  plane = await startControlPlane([declared])
})
afterEach(() => plane.stop())

type Created = { readonly name: string; readonly key: string }
async function create(name: string, more: object = {}): Promise<Created> {
  const answer = await plane.send('POST', '/api/v1/keys', { name, ...more })
  expect(answer.status).toBe(201)
  return (await answer.json()) as Created
}
type Pair = { readonly access_key_id: string; readonly secret_access_key: string }
/** What a worker with the newest policy says to a request signed with a pair now. */
async function signed({ access_key_id, secret_access_key }: Pair): Promise<string> {
  const { authorization, request, bodySha256 } = await signAsAws({
    accessKeyId: access_key_id,
    secretAccessKey: secret_access_key,
    atMs: plane.now(),
  })
  const claim = parseSignatureClaim(authorization)
  if (claim === null) throw new Error(authorization)
  const begun = plane.verifier().beginSignature(claim, request, plane.now())
  if (!begun.ok) return begun.refused
  const verdict = begun.confirm(bodySha256)
  return verdict.ok ? verdict.key.name : verdict.refused
}
/** What lies on the disk of the control plane, but for the token its first admin finds there. */
const filesOf = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== 'admin-token')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
const json = async (response: Response): Promise<Record<string, unknown>> =>
  (await response.json()) as Record<string, unknown>

describe('create', () => {
  it('[C20] shows the secret once, and the workers know it when the answer comes', async () => {
    const bind = { team: 'search' }
    const answer = await plane.send('POST', '/api/v1/keys', { name: 'search-prod', bind })
    expect(answer.status).toBe(201)
    const created = await json(answer)
    expect(created).toEqual({
      name: 'search-prod',
      key: expect.stringMatching(/^lrk_/),
      bind,
      expires_at: null,
      acked: ['worker-1'],
      missing: [],
      not_published: null,
    })
    const verdict = plane.present(String(created['key']))
    expect(verdict).toMatchObject({ ok: true, key: { name: 'search-prod', bind, source: 'api' } })
  })

  it('[C20] leaves no secret behind: not in lists, files, the audit trail or a later answer', async () => {
    const { key } = await create('search-prod')
    await plane.send('POST', '/api/v1/keys/search-prod/rotate')
    const secret = key.slice('lrk_000000000000_'.length, -6)
    const list = await (await plane.get('/api/v1/keys')).text()
    const trail = JSON.stringify(await plane.store.read.audit.entries(0, 100))
    const files = filesOf(plane.directory)
    for (const text of [list, trail, ...files]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(FILE_SECRET)
    }
  })

  it('[C11] names every fault at once', async () => {
    const body = {
      name: 'no spaces please',
      bind: { tema: 'search', team: 'x'.repeat(300), feature: '' },
      expires: '2026-10-14',
      region: 'sa-east-1',
    }
    const problem = await json(await plane.send('POST', '/api/v1/keys', body))
    const errors = problem['errors'] as readonly { readonly path: string }[]
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      'bind.feature',
      'bind.team',
      'bind.tema',
      'expires',
      'name',
      'region',
    ])
  })

  it.each(['soon', '-7d', '2026-02-30', '2026-10-14T12:00:00.000Z'])(
    '[C11] refuses expires %j',
    async (expires) => {
      const answer = await plane.send('POST', '/api/v1/keys', { name: 'k', expires })
      expect(await json(answer)).toMatchObject({ errors: [{ path: 'expires' }] })
    },
  )

  it('[C21] refuses a name that is in use, declared or was ever used', async () => {
    await create('search')
    await create('old')
    await plane.send('POST', '/api/v1/keys/old/revoke')
    for (const name of ['search', 'old', 'ops']) {
      const answer = await plane.send('POST', '/api/v1/keys', { name })
      expect(answer.status).toBe(409)
      expect(await json(answer)).toMatchObject({ code: 'key_name_taken' })
    }
  })

  it('[C21] of two creations of one name at the same time one succeeds', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => plane.send('POST', '/api/v1/keys', { name: 'same' })),
    )
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['201', '409', '409'])
  })

  it('[C20] an expired key is refused without anybody doing anything', async () => {
    const { key } = await create('short', { expires: '12h' })
    expect(plane.present(key).ok).toBe(true)
    plane.advance(12 * MS_PER_HOUR)
    expect(plane.present(key)).toEqual({ ok: false, refused: 'expired' })
  })
})

describe('list', () => {
  it('[C22] merges declared keys, which are read-only', async () => {
    await create('search', { expires: '90d' })
    const { items } = (await json(await plane.get('/api/v1/keys'))) as {
      items: readonly object[]
    }
    expect(items).toMatchObject([
      { name: 'ops', source: 'file', state: 'active', key_prefix: null, created_at: null },
      { name: 'search', source: 'api', state: 'active', created_by: 'admin' },
    ])
    for (const [method, path] of [
      ['POST', 'ops/rotate'],
      ['POST', 'ops/revoke'],
      ['DELETE', 'ops'],
    ] as const) {
      const answer = await plane.send(method, `/api/v1/keys/${path}`)
      expect(answer.status).toBe(409)
      expect(await json(answer)).toMatchObject({ code: 'key_declared_in_file' })
    }
  })

  it('[C22] a declared secret works once the policy is published', async () => {
    await plane.publisher.publish()
    expect(plane.present(FILE_SECRET)).toMatchObject({ ok: true, key: { name: 'ops' } })
  })
})

describe('rotate', () => {
  it('[C23] both secrets work for a day, then only the new one', async () => {
    const old = await create('search')
    const rotated = await json(await plane.send('POST', '/api/v1/keys/search/rotate'))
    expect(rotated).toMatchObject({ old_secret_until: '2026-10-15T12:00:00.000Z' })
    const next = String(rotated['key'])
    expect(next).not.toBe(old.key)
    expect([plane.present(old.key).ok, plane.present(next).ok]).toEqual([true, true])
    plane.advance(24 * MS_PER_HOUR)
    expect(plane.present(old.key)).toEqual({ ok: false, refused: 'expired' })
    expect(plane.present(next).ok).toBe(true)
  })

  it('[C23] immediately means now', async () => {
    const old = await create('search')
    const answer = await plane.send('POST', '/api/v1/keys/search/rotate', { immediately: true })
    expect(plane.present(old.key)).toEqual({ ok: false, refused: 'unknown' })
    expect(plane.present(String((await json(answer))['key'])).ok).toBe(true)
  })

  it('[C23] rotating twice leaves two secrets', async () => {
    const first = await create('search')
    const second = await json(await plane.send('POST', '/api/v1/keys/search/rotate'))
    await plane.send('POST', '/api/v1/keys/search/rotate', { overlap_hours: 1 })
    expect(plane.present(first.key).ok).toBe(false)
    expect(plane.present(String(second['key'])).ok).toBe(true)
  })

  it.each([{ overlap_hours: -1 }, { overlap_hours: 1e9 }, { immediately: true, overlap_hours: 1 }])(
    '[C11] refuses %j',
    async (body) => {
      await create('search')
      expect((await plane.send('POST', '/api/v1/keys/search/rotate', body)).status).toBe(400)
    },
  )

  it('[C23] a revoked or unknown key is not rotated', async () => {
    await create('search')
    await plane.send('POST', '/api/v1/keys/search/revoke')
    expect((await plane.send('POST', '/api/v1/keys/search/rotate')).status).toBe(409)
    expect((await plane.send('POST', '/api/v1/keys/nobody/rotate')).status).toBe(404)
  })
})

describe('revoke', () => {
  it('[C24] answers when the workers have it and names those that do not', async () => {
    const { key } = await create('search')
    plane.delivery.next = { acked: ['worker-1'], missing: ['worker-2'] }
    const revoked = await json(await plane.send('POST', '/api/v1/keys/search/revoke'))
    expect(revoked).toEqual({
      name: 'search',
      revoked_at: '2026-10-14T12:00:00.000Z',
      acked: ['worker-1'],
      missing: ['worker-2'],
    })
    expect(plane.present(key)).toEqual({ ok: false, refused: 'revoked' })
    expect(plane.broadcasts.at(-1)?.keys.find(({ name }) => name === 'search')?.revokedAt).toBe(
      revoked['revoked_at'],
    )
  })

  it('[C24] asking again asks the workers again and changes nothing', async () => {
    await create('search')
    const first = await json(await plane.send('DELETE', '/api/v1/keys/search'))
    plane.advance(1_000)
    const before = plane.broadcasts.length
    const again = await json(await plane.send('DELETE', '/api/v1/keys/search'))
    expect(again['revoked_at']).toBe(first['revoked_at'])
    expect(plane.broadcasts.length).toBe(before + 1)
    expect(plane.broadcasts.at(-1)?.version).toBe(plane.broadcasts.at(-2)?.version)
  })

  it('[C24] a key nobody has is 404', async () => {
    expect((await plane.send('DELETE', '/api/v1/keys/nobody')).status).toBe(404)
  })
})

describe('audit', () => {
  it('[C6] every change says who, what, before and after', async () => {
    await create('search', { bind: { team: 'search' }, reason: 'a new team' })
    await plane.send('POST', '/api/v1/keys/search/rotate', { reason: 'once a year' })
    await plane.send('POST', '/api/v1/keys/search/revoke', { reason: 'it leaked' })
    const entries = (await plane.store.read.audit.entries(0, 100)).filter(
      ({ actor }) => actor === 'admin',
    )
    expect(entries).toMatchObject([
      { actor: 'admin', action: 'key.create', subject: 'search', before: null },
      {
        actor: 'admin',
        action: 'key.rotate',
        after: { old_secret_until: '2026-10-15T12:00:00.000Z' },
      },
      {
        action: 'key.revoke',
        before: { revoked_at: null },
        after: { revoked_at: '2026-10-14T12:00:00.000Z', bind: { team: 'search' } },
      },
    ])
    expect(entries.map(({ reason }) => reason)).toEqual(['a new team', 'once a year', 'it leaked'])
    expect(await plane.store.read.audit.verify()).toMatchObject({ sound: true })
  })
})

describe('a pair that signs requests', () => {
  const createPair = async (name: string) =>
    (await create(name, { sigv4: true, bind: { team: 'search' } })) as Created & Pair
  const rotate = async (name: string, body?: object) =>
    (await json(await plane.send('POST', `/api/v1/keys/${name}/rotate`, body))) as Pair & {
      readonly key: string
    }

  it('[C20] is shown once, beside the key, and only where it was asked for', async () => {
    const made = await createPair('batch')
    expect(made).toMatchObject({
      name: 'batch',
      key: expect.stringMatching(/^lrk_/),
      bind: { team: 'search' },
      access_key_id: expect.stringMatching(/^LRKA[A-Z2-7]{16}$/),
      secret_access_key: expect.stringMatching(/^[0-9A-Za-z]{40}$/),
    })
    expect(await signed(made)).toBe('batch')
    expect(plane.present(made.key)).toMatchObject({ ok: true, key: { name: 'batch' } })
    const plain = await create('plain')
    expect(Object.keys(plain)).not.toContain('access_key_id')
    expect(Object.keys(await rotate('plain'))).not.toContain('access_key_id')
    const { items } = await json(await plane.get('/api/v1/keys'))
    expect(items).toMatchObject([
      { name: 'batch', access_key_id: made.access_key_id },
      { name: 'ops', access_key_id: null },
      { name: 'plain', access_key_id: null },
    ])
  })

  it('[C20] leaves no secret behind; the audit trail names its id', async () => {
    const made = await createPair('batch')
    const next = await rotate('batch')
    const list = await (await plane.get('/api/v1/keys')).text()
    const trail = JSON.stringify(await plane.store.read.audit.entries(0, 100))
    const files = filesOf(plane.directory)
    for (const text of [list, trail, ...files]) {
      expect(text).not.toContain(made.secret_access_key)
      expect(text).not.toContain(next.secret_access_key)
    }
    expect(trail).toContain(made.access_key_id)
    expect(trail).toContain(next.access_key_id)
  })

  it('[C23] a rotation gives a new one, and both work for the overlap', async () => {
    const old = await createPair('batch')
    const next = await rotate('batch')
    expect(next.access_key_id).not.toBe(old.access_key_id)
    expect([await signed(old), await signed(next)]).toEqual(['batch', 'batch'])
    plane.advance(24 * MS_PER_HOUR)
    expect([await signed(old), await signed(next)]).toEqual(['expired', 'batch'])
    await plane.publisher.publish()
    expect([await signed(old), await signed(next)]).toEqual(['unknown', 'batch'])
    const last = await rotate('batch', { immediately: true })
    expect([await signed(next), await signed(last)]).toEqual(['unknown', 'batch'])
  })

  it('[C24] ends with its key', async () => {
    const made = await createPair('batch')
    const brief = (await create('brief', { sigv4: true, expires: '1h' })) as Created & Pair
    await plane.send('POST', '/api/v1/keys/batch/revoke')
    expect([await signed(made), await signed(brief)]).toEqual(['revoked', 'brief'])
    plane.advance(MS_PER_HOUR)
    expect(await signed(brief)).toBe('expired')
  })

  it('[C1] moved to another key in the store, it opens nothing', async () => {
    const made = await createPair('batch')
    await create('victim')
    await plane.store.write(async ({ keys }) => {
      const [batch, victim] = [await keys.find('batch'), await keys.find('victim')]
      if (batch === null || victim === null) throw new Error('not there')
      const [secret, own] = [batch.secrets[0], victim.secrets[0]]
      if (secret === undefined || own === undefined) throw new Error('no secrets')
      const [at, ended] = ['2026-10-14T12:00:01.000Z', '2026-10-14T12:00:00.000Z']
      await keys.replaceSecret(batch.keyId, { digest: 'a'.repeat(64), sigV4: null }, at, ended)
      await keys.replaceSecret(batch.keyId, { digest: 'b'.repeat(64), sigV4: null }, at, ended)
      const stolen = { digest: 'c'.repeat(64), sigV4: secret.sigV4 }
      await keys.replaceSecret(victim.keyId, stolen, at, ended)
    })
    await plane.publisher.publish()
    expect(await signed(made)).toBe('unreadable')
  })
})
