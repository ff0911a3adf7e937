// People in a control plane under test: each with a token of his own, asking as himself.

import { expect } from 'vitest'
import type { Role } from '../people/roles.ts'
import type { ControlPlane } from './control-plane.ts'

export type Answer = { readonly status: number; readonly body: Record<string, unknown> }

export type Person = {
  readonly get: (path: string) => Promise<Answer>
  readonly send: (method: string, path: string, body?: unknown) => Promise<Answer>
}

export async function createPerson(
  plane: ControlPlane,
  name: string,
  role: Role,
  scope: unknown = null,
): Promise<Person> {
  const user = await plane.send('POST', '/api/v1/users', { name, role, scope })
  expect(user.status).toBe(201)
  const made = await plane.send('POST', '/api/v1/tokens', { user: name })
  const { token } = (await made.json()) as { readonly token: string }
  return withToken(plane, token)
}

export function firstAdmin(plane: ControlPlane): Person {
  return withToken(plane, plane.token)
}

export function withToken(plane: ControlPlane, token: string): Person {
  const send: Person['send'] = async (method, path, body) => {
    const response = await plane.api.request(`/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
  return { send, get: (path) => send('GET', path) }
}

export function itemsOf({ body }: Answer): readonly Record<string, unknown>[] {
  return body['items'] as readonly Record<string, unknown>[]
}
