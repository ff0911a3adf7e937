// A configuration text as tests look at it: its faults as a user reads them, in a world that has certain variables and files.

import { err, ok } from '../../kernel/result.ts'
import { faultText } from '../fault.ts'
import { validateText } from '../validate.ts'

type Named = Readonly<Record<string, string>>

export function validated(
  text: string,
  env: Named = {},
  files: Named = {},
): ReturnType<typeof validateText> {
  const readBeside = (
    written: string,
  ): ReturnType<typeof ok<string>> | ReturnType<typeof err<string>> => {
    const content = files[written]
    return content === undefined ? err(`there is no file ${written}`) : ok(content)
  }
  return validateText(text, 'l.yaml', env, { env, readBeside })
}

export function faultsOf(text: string, env: Named = {}, files: Named = {}): readonly string[] {
  const result = validated(text, env, files)
  return result.ok ? [] : result.problem.map(faultText)
}
