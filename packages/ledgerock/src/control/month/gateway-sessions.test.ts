import { simulateMonth } from '@ledgerock/bedrock-simulator'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSessionTemplate, sessionName } from '../../aws/session-words.ts'
import { mustOk } from '../../kernel/result.ts'
import { sessionPrefix, sessionReader } from './gateway-sessions.ts'

const ROLE = 'arn:aws:iam::111122223333:role/path/ledgerock-bedrock'
const PREFIX = 'arn:aws:sts::111122223333:assumed-role/ledgerock-bedrock/'
const TEMPLATES = ['lr-{team}', '{team}.{application}', '{team}-{application}-x', 'a{team}']

const nameOf = (template: string, owner: Readonly<Record<string, string>>): string => {
  const compiled = mustOk(compileSessionTemplate(template))
  return sessionName(
    compiled,
    compiled.dimensions.map((name) => owner[name] ?? 'unknown'),
  )
}

describe('sessions a gateway made', () => {
  it('[C169] are read back as their owner, or not at all', () => {
    const value = fc.oneof(
      fc.stringMatching(/^[a-z0-9-]{1,30}$/),
      fc.string({ minLength: 1, maxLength: 70, unit: 'grapheme' }),
      fc.constant('unknown'),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...TEMPLATES),
        fc.record({ team: value, application: value }),
        fc.boolean(),
        (template, said, isKnown) => {
          const { dimensions } = mustOk(compileSessionTemplate(template))
          const entries = Object.entries(said).filter(
            ([name, text]) => dimensions.includes(name) && text !== 'unknown',
          )
          const owner = Object.fromEntries(entries)
          const name = nameOf(template, owner)
          const reader = sessionReader(
            [{ roleArn: ROLE, sessionName: template }],
            isKnown ? [said] : [],
          )
          const read = reader.ownerOf(PREFIX + name)
          const isMarked = /=[a-z2-7]{10}$/.test(name)
          const isTold = entries.length > 0 && (isKnown || !isMarked)
          expect(read).toEqual(isTold ? owner : null)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('[C169] another role’s, another template’s and a marked name are nobody’s', () => {
    const reader = sessionReader([{ roleArn: ROLE, sessionName: 'lr-{team}' }], [])
    expect(reader.ownerOf(`${PREFIX}lr-search`)).toEqual({ team: 'search' })
    for (const other of [
      `${PREFIX}search`,
      `${PREFIX}lr-`,
      `${PREFIX}lr-unknown`,
      `${PREFIX}lr-search=abcdefghij`,
      'arn:aws:sts::111122223333:assumed-role/other/lr-search',
      'arn:aws:sts::999922223333:assumed-role/ledgerock-bedrock/lr-search',
      'arn:aws:iam::111122223333:user/lr-search',
      '',
    ]) {
      expect(reader.ownerOf(other)).toBeNull()
    }
    // One session for everybody is no owner’s.
    const plain = sessionReader([{ roleArn: ROLE, sessionName: 'gateway' }], [{ team: 'search' }])
    expect(plain.ownerOf(`${PREFIX}gateway`)).toBeNull()
    expect(sessionPrefix('arn:aws:iam::1:role/x')).toBeNull()
  })

  it('[C169] of the simulated house are all known', () => {
    const { world } = simulateMonth({ seed: 3, calls: 50 })
    const roles = new Set(
      [...world.gatewaySessions.keys()].map((arn) =>
        arn.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2'),
      ),
    )
    const targets = [...roles].map((roleArn) => ({ roleArn, sessionName: 'lr-{team}' }))
    const reader = sessionReader(targets, [])
    expect(world.gatewaySessions.size).toBeGreaterThan(1)
    for (const [arn, owner] of world.gatewaySessions) {
      expect(reader.ownerOf(arn)).toEqual({ team: owner['team'] })
    }
  })
})
