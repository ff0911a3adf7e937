import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { Fault } from '../kernel/fault.ts'
import type { UpOptions } from './cli-deps.ts'
import { EXIT } from './exit-code.ts'
import { LATER_COMMANDS } from './commands/later-commands.ts'
import { buildProgram } from './program.ts'
import { spend } from './testing/fake-answers.ts'
import { runFake } from './testing/fake-terminal.ts'

const body =
  (findings: readonly object[], repaired: readonly object[] = [], trail = { sound: true }) =>
  (): Response =>
    Response.json({
      sound: findings.length === 0 && trail.sound,
      checked: { calls: 1200, journals: 2 },
      findings,
      repaired,
      audit_trail: trail,
    })

describe('verify', () => {
  const finding = { code: 'line_missing', subject: 'w0 17', detail: 'd', count: 1 }

  it('[U3] ends with 0 where the books are sound and with 3 where they are not', async () => {
    const sound = await runFake(['verify'], { answer: body([]) })
    expect(sound.exitCode).toBe(EXIT.done)
    const unsound = await runFake(['verify'], { answer: body([finding]), terminal: true })
    expect(unsound.exitCode).toBe(EXIT.found)
    expect(unsound.out).toContain('line_missing')
    expect(unsound.notes).toBe('Checked 1,200 calls, 2 journals: 1 findings.\n')
    const trail = { sound: false, at_seq: 7, problem: 'hash differs' }
    const changed = await runFake(['verify', '--format', 'csv'], { answer: body([], [], trail) })
    expect(changed.exitCode).toBe(EXIT.found)
    expect(changed.out).toBe(
      'code,subject,count,detail\naudit_trail_broken,entry 7,1,hash differs\n',
    )
    const repaired = await runFake(['verify', '--repair'], { answer: body([], [finding]) })
    expect(repaired.asked[0]).toMatchObject({ method: 'POST', body: { repair: true } })
    expect(repaired.exitCode).toBe(EXIT.done)
  })
})

describe('price', () => {
  it('[U8] prices a call without a server, from the prices that ship', async () => {
    const words = ['price', '--model', 'us.anthropic.claude-sonnet-4-6', '--usage', 'input=1000']
    const ran = await runFake([...words, '--region', 'us-east-1'])
    expect(ran).toMatchObject({ exitCode: EXIT.done, asked: [] })
    const answer = JSON.parse(ran.out) as { charges: { kind: string }[]; cost_usd: string }
    expect(answer.charges.map(({ kind }) => kind)).toEqual(['input'])
    expect(Number(answer.cost_usd)).toBeGreaterThan(0)
    const shown = await runFake(words, { terminal: true })
    expect(shown.out).toContain(`total USD ${answer.cost_usd}`)
    const csv = await runFake([...words, '--format', 'csv'])
    expect(csv.out.split('\n')[0]).toMatch(/^kind,quantity,rate_usd,amount_usd,rate_id/)
  })

  it('[U3] every fault of the words is wrong usage; a model without a price is an answer', async () => {
    const words = ['price', '--model', 'x', '--usage', 'inptu=1,output=-2', '--tier', 'gold']
    const ran = await runFake(words)
    expect(ran.exitCode).toBe(EXIT.usage)
    expect(ran.notes).toContain('inptu')
    expect(ran.notes).toContain('output=-2')
    expect(ran.notes).toContain('gold')
    const unknown = await runFake(['price', '--model', 'acme.new-1', '--usage', 'input=1'])
    expect(JSON.parse(unknown.out)).toMatchObject({
      cost_usd: null,
      unpriced_reason: 'unknown_model',
    })
    expect(unknown.exitCode).toBe(EXIT.done)
  })
})

describe('config', () => {
  it('[U3] check prints every fault and ends with 2', async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'ledgerock-cli-config-'))
    const file = path.join(cwd, 'ledgerock.yaml')
    try {
      writeFileSync(file, 'gateway:\n  prot: 1\ncontrol: { auth: { mode: oidc } }\n')
      const ran = await runFake(['config', 'check'], { cwd, terminal: true })
      expect(ran).toMatchObject({ exitCode: EXIT.usage, out: '' })
      expect(ran.notes).toBe(
        `ledgerock: ${file}:2:3 gateway.prot: unknown key; did you mean port?\n` +
          `${file}:3:20 control.auth.mode: not supported yet\n`,
      )
      const json = await runFake(['config', 'check'], { cwd })
      expect(JSON.parse(json.out)).toMatchObject({
        valid: false,
        faults: [{ line: 2 }, { line: 3 }],
      })
      writeFileSync(file, 'gateway: { port: 0 }\n')
      const good = await runFake(['config', 'check'], { cwd, terminal: true })
      expect(good).toMatchObject({ exitCode: EXIT.done, out: `${file}: valid\n` })
    } finally {
      rmSync(cwd, { recursive: true, force: true })
    }
  })

  it('schema is a JSON Schema that names what is not supported yet', async () => {
    const { out } = await runFake(['config', 'schema'])
    const schema = JSON.parse(out) as {
      properties: { control: { properties: { tls: { description?: string } } } }
    }
    expect(schema.properties.control.properties.tls.description).toMatch(
      /not supported yet; only null/,
    )
  })
})

describe('up', () => {
  it('hands over the configuration, its flags won, and a way to read it again', async () => {
    const seen: { port: number; workers: number; options: UpOptions }[] = []
    const ran = await runFake(['up', '--gateway-port', '0', '--workers', '3', '--simulate'], {
      up: (config, options) => {
        seen.push({ port: config.gateway.port, workers: config.gateway.workers, options })
        return Promise.resolve(0)
      },
    })
    expect(ran.exitCode).toBe(EXIT.done)
    expect(seen).toMatchObject([{ port: 0, workers: 3, options: { simulate: true } }])
    const again = seen[0]?.options.reload()
    expect(again?.ok === true && again.value.gateway.workers).toBe(3)
  })

  it('[U3] a wrong configuration ends with 2 and lists its faults; a failed start with its code', async () => {
    const wrong = await runFake(['up', '--gateway-port', 'x', '--workers', '0'])
    expect(wrong.exitCode).toBe(EXIT.usage)
    expect(wrong.notes).toContain('the configuration has 2 faults')
    expect(wrong.notes).toContain('--workers: must be')
    const failed = await runFake(['up'], { up: () => Promise.resolve(1) })
    expect(failed).toMatchObject({ exitCode: EXIT.failed, notes: '' })
  })
})

describe('simulate', () => {
  it('[U3] wrong faults are wrong usage', async () => {
    const ran = await runFake(['simulate', '--faults', 'trottle=1'])
    expect(ran.exitCode).toBe(EXIT.usage)
    expect((await runFake(['simulate', '--port', '70000'])).exitCode).toBe(EXIT.usage)
  })
})

describe('the command line', () => {
  it.each(LATER_COMMANDS)('[U7] %s is named as not available yet', async (name) => {
    const ran = await runFake([name, '--some', 'flag'])
    expect(ran).toMatchObject({ exitCode: EXIT.usage, out: '' })
    expect(ran.notes).toBe(`ledgerock: "${name}" is not available in this version yet\n`)
  })

  it('[U7] knows what was probably meant', async () => {
    const ran = await runFake(['reprot', '--by', 'team'])
    expect(ran.exitCode).toBe(EXIT.usage)
    expect(ran.notes).toMatch(/^ledgerock: unknown command 'reprot'\n\(Did you mean report\?\)/)
    const wrongFlag = await runFake(['report', '--by', 'team', '--wehre', 'x=y'])
    expect(wrongFlag.notes).toContain('(Did you mean --where?)')
    expect((await runFake(['keys', 'craete'])).notes).toContain('(Did you mean create?)')
  })

  it.each([
    [[]],
    [['keys']],
    [['report']],
    [['report', '--by', 'team', '--format', 'xml']],
    [['report', '--by', 'team', '--granularity', 'minute']],
    [['report', '--by', 'team', 'surplus']],
    [['call']],
    [['price', '--model', 'x']],
    [['keys', 'create']],
  ])('[U3] %j is wrong usage', async (words) => {
    const ran = await runFake(words)
    expect(ran).toMatchObject({ exitCode: EXIT.usage, out: '', asked: [] })
    expect(ran.notes).not.toBe('')
  })

  it('[U1] prints help and version on stdout', async () => {
    expect(await runFake(['--version'])).toMatchObject({ exitCode: EXIT.done, out: '1.2.3\n' })
    const help = await runFake(['--help'])
    expect(help).toMatchObject({ exitCode: EXIT.done, notes: '' })
    expect(help.out).toContain('Exit codes')
  })

  it('[U11] every command explains itself with an example', async () => {
    const context = { io: null as never, deps: { version: '0' } as never }
    const program = buildProgram(
      context,
      () => undefined,
      () => undefined,
    )
    const names = program.commands.flatMap((command) => [
      [command.name()],
      ...command.commands.map((inner) => [command.name(), inner.name()]),
    ])
    expect(names.length).toBeGreaterThan(12)
    for (const name of names) {
      const { out, exitCode } = await runFake([...name, '--help'])
      expect(out).toContain(`$ ledgerock ${name.join(' ')}`)
      expect(out).toContain('--data <dir>')
      expect(exitCode).toBe(EXIT.done)
    }
  })

  it('[U4] shows neither a stack trace nor a failure where nobody reads', async () => {
    const fault = await runFake(['report', '--by', 'team'], {
      openOffline: () => Promise.reject(new Fault('data_locked', 'in use by pid 7')),
    })
    expect(fault).toMatchObject({
      exitCode: EXIT.failed,
      notes: 'ledgerock: in use by pid 7 (data_locked)\n',
    })
    const bug = await runFake(['report', '--by', 'team'], {
      openOffline: () => Promise.reject(new TypeError('x is not a function')),
    })
    expect(bug).toMatchObject({
      exitCode: EXIT.failed,
      notes: 'ledgerock: internal error: TypeError: x is not a function\n',
    })
    const piped = await runFake(['report', '--by', 'team'], { answer: spend, outputClosed: true })
    expect(piped).toMatchObject({ exitCode: EXIT.done, out: '', notes: '' })
  })

  it('[U8] makes no data directory for a question', async () => {
    const nowhere = path.join(tmpdir(), 'ledgerock-is-not-here')
    const ran = await runFake(['report', '--by', 'team', '--data', nowhere])
    expect(ran).toMatchObject({ exitCode: EXIT.failed, asked: [] })
    expect(ran.notes).toContain(`there is no data directory ${nowhere}`)
  })

  it('[U9] a foreign server needs a token of its own', async () => {
    const ran = await runFake(['report', '--by', 'team', '--url', 'https://ledgerock.example'])
    expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    expect(ran.notes).toContain('--url needs a token')
  })
})
