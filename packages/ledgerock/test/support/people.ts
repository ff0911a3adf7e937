// People with roles, and what they do through the control API: each has a token of their own, so that the audit trail and the
// rule of two people see who it was.

import type { RunningSystem } from './running-system.ts'

export type Answered<Body> = { readonly status: number; readonly body: Body }

export type Person = {
  readonly name: string
  readonly send: <Body = Readonly<Record<string, unknown>>>(
    method: string,
    path: string,
    body?: object,
  ) => Promise<Answered<Body>>
}

export type NewPerson = {
  readonly name: string
  readonly role: 'admin' | 'finance' | 'lead' | 'viewer'
  readonly scope?: Readonly<Record<string, string | readonly string[]>>
}

/** Made by the first admin. */
export async function createPerson(system: RunningSystem, person: NewPerson): Promise<Person> {
  const admin = firstAdmin(system)
  const made = await admin.send('POST', 'users', person)
  if (made.status !== 201) throw new Error(`no user: ${JSON.stringify(made)}`)
  const minted = await admin.send<{ token: string }>('POST', 'tokens', { user: person.name })
  return personWith(system, person.name, minted.body.token)
}

/** Whoever holds the data directory. */
export function firstAdmin(system: RunningSystem): Person {
  return personWith(system, 'admin', system.adminToken)
}

function personWith(system: RunningSystem, name: string, token: string): Person {
  return {
    name,
    async send<Body>(method: string, path: string, body?: object): Promise<Answered<Body>> {
      const response = await system.api(`/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Body }
    },
  }
}
