import { rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPolicy, sealPolicy } from '../../governance/policy-envelope.ts'
import { supersedes, type Policy } from '../../governance/policy.ts'
import { sampleBudget } from '../../governance/testing/sample-budget.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const create = (name: string) => plane.send('POST', '/api/v1/keys', { name })
const last = (): Policy => plane.broadcasts.at(-1) as Policy
const positions = () => plane.broadcasts.map(({ epoch, version }) => [epoch, version])

describe('createPolicyPublisher', () => {
  it('[C25] each change takes the next version; no change takes none', async () => {
    await plane.publisher.publish()
    await create('a')
    await plane.publisher.publish()
    await create('b')
    expect(positions()).toEqual([
      [1, 1],
      [1, 2],
      [1, 2],
      [1, 3],
    ])
  })

  it('[C25] publications that come together stand in line', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `key-${index}`)
    await Promise.all(names.map(create))
    const versions = plane.broadcasts.map(({ version }) => version)
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    expect(
      last()
        .keys.map(({ name }) => name)
        .toSorted(),
    ).toEqual(names)
  })

  it('[C26] leaves a private file that opens to the same policy', async () => {
    await create('a')
    expect(statSync(plane.policyPath).mode & 0o777).toBe(0o600)
    const { envelope, policy } = plane.publisher.current() ?? {}
    expect(policy).toEqual(last())
    expect(openPolicy(envelope ?? '')).toEqual({ ok: true, value: last() })
  })

  it('[C26] a restarted control goes on from there', async () => {
    await create('a')
    const restarted = plane.newPublisher()
    await restarted.publish()
    expect(positions().at(-1)).toEqual([1, 1])
    plane.declared.keys.push({ name: 'f', secret: 'x'.repeat(32), bind: {}, region: null })
    await restarted.publish()
    expect(positions().at(-1)).toEqual([1, 2])
  })

  it('[C27] a store that lies behind the workers begins a new epoch', async () => {
    await create('a')
    const ahead = { ...last(), epoch: 3, version: 40 }
    writeFileSync(plane.policyPath, sealPolicy(ahead))
    await plane.newPublisher().publish()
    expect(supersedes(ahead, last())).toBe(true)
    expect(positions().at(-1)).toEqual([4, 1])
    await plane.newPublisher().publish()
    expect(positions().at(-1)).toEqual([4, 1])
  })

  it('[C27] a damaged policy file binds nobody', async () => {
    writeFileSync(plane.policyPath, 'damaged')
    await plane.publisher.publish()
    expect(positions()).toEqual([[1, 1]])
  })

  it('[C24] a file that cannot be written does not keep the policy from the workers', async () => {
    rmSync(plane.policyPath, { force: true })
    mkdirSync(plane.policyPath)
    const answer = await create('a')
    // What is made only once is given out all the same, with why.
    expect(answer.status).toBe(201)
    expect(await answer.json()).toMatchObject({
      key: expect.stringMatching(/^lrk_/) as unknown,
      not_published: expect.stringContaining('could not be written') as unknown,
    })
    expect((await plane.send('DELETE', '/api/v1/keys/a')).status).toBe(503)
    plane.declared.keys.push({ name: 'f', secret: 'x'.repeat(32), bind: {}, region: null })
    await expect(plane.publisher.publish()).rejects.toMatchObject({
      code: 'policy_file_unwritable',
    })
    expect(new Set(last().keys.map(({ name }) => name))).toEqual(new Set(['a', 'f']))
  })

  it('[C28] a node that shares the store takes over what another changed, and no more', async () => {
    const other = plane.newPublisher()
    await plane.publisher.publish()
    await other.publish()
    await create('a')
    const before = plane.broadcasts.length
    await other.follow()
    expect(plane.broadcasts.length).toBe(before + 1)
    expect(other.current()?.policy.keys.map(({ name }) => name)).toEqual(['a'])
    await other.follow()
    await plane.publisher.follow()
    expect(plane.broadcasts.length).toBe(before + 1)
  })

  it('[C22] declared keys that cannot be meant are refused with their place', async () => {
    await create('taken')
    const key = { bind: {}, region: null }
    const faulty = [
      { ...key, name: 'taken', secret: 'a'.repeat(32) },
      { ...key, name: 'twice', secret: 'b'.repeat(32) },
      { ...key, name: 'twice', secret: 'b'.repeat(32) },
      { ...key, name: 'short', secret: 'c'.repeat(31) },
      { ...key, name: 'spaces', secret: `${'d'.repeat(20)} ${'e'.repeat(20)}` },
      { ...key, name: 'typo', secret: `lrk_${'f'.repeat(62)}` },
    ]
    const errors = await plane.publisher.check({ ...plane.declared, keys: faulty })
    expect(errors.map(({ path }) => path)).toEqual([
      'keys[0].name',
      'keys[2].name',
      'keys[2].secret_env',
      'keys[3].secret_env',
      'keys[4].secret_env',
      'keys[5].secret_env',
    ])
    expect(JSON.stringify(errors)).not.toMatch(/a{5}|b{5}|c{5}|d{5}|f{5}/)
    plane.declared.keys.push(...faulty)
    await expect(plane.publisher.publish()).rejects.toMatchObject({ code: 'declared_keys_invalid' })
  })

  it('[C25] what ended long ago leaves the policy', async () => {
    await create('a')
    await plane.send('DELETE', '/api/v1/keys/a')
    plane.advance(29 * MS_PER_DAY)
    await plane.publisher.publish()
    expect(last().keys).toHaveLength(1)
    plane.advance(2 * MS_PER_DAY)
    await plane.publisher.publish()
    expect(last().keys).toHaveLength(0)
  })

  it('[C77] a budget of the file keeps the unit it was counted in, also when it comes back', async () => {
    const words = sampleBudget({ name: 'words', unit: 'tokens' })
    plane.declared.budgets = [words]
    await plane.publisher.publish()
    plane.declared.budgets = []
    await plane.publisher.publish()
    plane.declared.budgets = [{ ...words, unit: 'usd' }]
    await expect(plane.publisher.check(plane.declared)).resolves.toMatchObject([
      { path: 'budgets[0].limit_usd' },
    ])
    plane.declared.budgets = [words]
    await expect(plane.publisher.check(plane.declared)).resolves.toEqual([])
  })
})
