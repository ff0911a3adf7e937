import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createProfileFile } from './profile-file.ts'

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/'
const file = (): string => join(mkdtempSync(join(tmpdir(), 'profiles-')), 'inference-profiles.json')

describe('profile file', () => {
  it('[W19] gives back what was kept, with what others kept meanwhile', async () => {
    const path = file()
    const reports: string[] = []
    const one = createProfileFile(path, (reason) => reports.push(reason))
    const other = createProfileFile(path, (reason) => reports.push(reason))
    expect(one.load().size).toBe(0)
    await one.keep(new Map([[`${ARN}a`, 'amazon.nova-lite-v1:0']]))
    await other.keep(new Map([[`${ARN}b`, 'us.amazon.nova-pro-v1:0']]))
    expect(Object.fromEntries(one.load())).toEqual({
      [`${ARN}a`]: 'amazon.nova-lite-v1:0',
      [`${ARN}b`]: 'us.amazon.nova-pro-v1:0',
    })
    expect(reports).toEqual([])
    expect(readdirSync(join(path, '..'))).toEqual(['inference-profiles.json'])
  })

  it.each([
    ['cut', '{"format":"ledgerock-inference-profiles","ver'],
    ['empty', ''],
    ['of another version', '{"format":"ledgerock-inference-profiles","version":2,"profiles":{}}'],
    ['of another kind', '{"version":1,"profiles":{}}'],
    ['no object', 'null'],
    [
      'holding something else',
      '{"format":"ledgerock-inference-profiles","version":1,"profiles":{"x":"y"}}',
    ],
    [
      'holding no model',
      `{"format":"ledgerock-inference-profiles","version":1,"profiles":{"${ARN}a":"a b"}}`,
    ],
  ])('[W19] a file that is %s is reported, read as empty, and replaced', async (_name, text) => {
    const path = file()
    writeFileSync(path, text)
    const reports: string[] = []
    const memory = createProfileFile(path, (reason) => reports.push(reason))
    expect(memory.load().size).toBe(0)
    expect(reports).toHaveLength(1)
    await memory.keep(new Map([[`${ARN}a`, 'amazon.nova-lite-v1:0']]))
    expect(memory.load().get(`${ARN}a`)).toBe('amazon.nova-lite-v1:0')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: 1 })
  })

  it('[W19] a place that cannot be written is reported and costs nothing', async () => {
    const path = join(file(), 'no', 'such', 'folder')
    const reports: string[] = []
    const memory = createProfileFile(path, (reason) => reports.push(reason))
    await memory.keep(new Map([[`${ARN}a`, 'amazon.nova-lite-v1:0']]))
    expect(reports).toHaveLength(1)
    expect(existsSync(path)).toBe(false)
  })

  it('[W19] is readable by its owner only', async () => {
    const path = file()
    const memory = createProfileFile(path, () => undefined)
    await memory.keep(new Map([[`${ARN}a`, 'amazon.nova-lite-v1:0']]))
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})
