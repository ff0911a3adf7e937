// Runs a Python program against an endpoint, for boto3 and the AWS CLI. Where Python or boto3 is missing the test is skipped with
// a reason, except on CI, where that is a failure.

import { execFile, execFileSync } from 'node:child_process'

export type ProgramResult = {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export function hasBoto3(): boolean {
  return has(['python3', '-c', 'import boto3'])
}

export function hasAwsCli(): boolean {
  return has(['aws', '--version'])
}

function has([file, ...args]: readonly [string, ...string[]]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' })
    return true
  } catch (error) {
    if (process.env['CI'] === undefined) return false
    throw new Error(`${file} is needed on CI`, { cause: error })
  }
}

export function runProgram(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env }, timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
      },
    )
  })
}
