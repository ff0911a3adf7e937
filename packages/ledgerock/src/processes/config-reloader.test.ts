import { beforeEach, describe, expect, it } from 'vitest'
import { createConfigReloader, type ConfigReloader } from './config-reloader.ts'

let file: string | null
let beside: readonly string[]
let loads: number
let log: string[]
let inForce: string[]
let reloader: ConfigReloader
beforeEach(() => {
  file = 'first'
  beside = []
  loads = 0
  log = []
  inForce = []
  reloader = createConfigReloader<string>({
    readFile: () => file,
    load: () => {
      loads += 1
      const faults = [
        ...(file?.startsWith('bad') === true ? [`${file} is no config`] : []),
        ...beside,
      ]
      return faults.length > 0 ? { faults } : { wanted: String(file) }
    },
    apply: async (wanted) => {
      if (wanted === 'refused') return ['a worker would not have it']
      inForce.push(wanted)
      return []
    },
    onFault: (fault) => log.push(fault),
  })
})

describe('createConfigReloader', () => {
  it('[Z27] a fault is told once, however often the directory changes', async () => {
    for (const text of ['bad', 'refused']) {
      file = text
      for (let times = 0; times < 5; times += 1) await reloader.changed()
    }
    expect(log).toEqual(['bad is no config', 'a worker would not have it'])
    file = 'good'
    await reloader.changed()
    file = 'bad'
    await reloader.changed()
    expect(log).toHaveLength(3)
    expect(inForce).toEqual(['good'])
  })

  it('[Z27] what changes beside a file that is in force is nothing to read it for', async () => {
    await reloader.changed()
    expect(loads).toBe(0)
    file = 'second'
    await reloader.changed()
    await reloader.changed()
    expect([loads, inForce]).toEqual([1, ['second']])
  })

  it('[Z27] what a faulty one leads to may be mended beside it', async () => {
    file = 'second'
    beside = ['tls.crt is missing']
    await reloader.changed()
    beside = []
    await reloader.changed()
    expect([log, inForce]).toEqual([['tls.crt is missing'], ['second']])
  })

  it('[Z27] who asks for it is told again, and has the same file read again', async () => {
    file = 'bad'
    await reloader.changed()
    await reloader.asked()
    expect(log).toHaveLength(2)
    file = 'first'
    await reloader.asked()
    await reloader.asked()
    expect(inForce).toEqual(['first', 'first'])
  })
})
