// Whether this environment looks like one with AWS credentials, without asking the network: variables, profile files, container
// and web identity hints, or a machine that is an EC2 instance (whose role the provider chain will find).

import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const HINTS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
] as const

const EC2_VENDOR_FILE = '/sys/devices/virtual/dmi/id/sys_vendor'

export function hasAwsCredentials(env: Readonly<Record<string, string | undefined>>): boolean {
  if (HINTS.some((name) => (env[name] ?? '') !== '')) return true
  const home = env['HOME'] ?? homedir()
  const shared = env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(home, '.aws', 'credentials')
  const settings = env['AWS_CONFIG_FILE'] ?? join(home, '.aws', 'config')
  if (existsSync(shared) || namesCredentials(settings)) return true
  return env['AWS_EC2_METADATA_DISABLED'] !== 'true' && isEc2()
}

/** A config file with only a region in it is common and says nothing of credentials. */
function namesCredentials(path: string): boolean {
  try {
    return /^\s*(sso_|role_arn|credential_process|aws_access_key_id)/m.test(
      readFileSync(path, 'utf8'),
    )
  } catch {
    return false
  }
}

function isEc2(): boolean {
  try {
    return readFileSync(EC2_VENDOR_FILE, 'utf8').trim() === 'Amazon EC2'
  } catch {
    return false
  }
}
