// The hosts of AWS STS, written out one by one: a proof of identity goes to one of these and nowhere else, so a caller cannot name
// a host of its own that says it is somebody. A region AWS opens later is added here; until then its callers use another one's.
// Source: https://docs.aws.amazon.com/general/latest/gr/sts.html.

const COMMERCIAL_REGIONS = [
  'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2',
  'ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6',
  'ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2',
  'eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1',
  'us-east-1 us-east-2 us-west-1 us-west-2',
].flatMap((line) => line.split(' '))
const GOV_REGIONS = ['us-gov-east-1', 'us-gov-west-1']
const CHINA_REGIONS = ['cn-north-1', 'cn-northwest-1']
const FIPS_REGIONS = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2']

export const STS_HOSTS: ReadonlySet<string> = new Set([
  'sts.amazonaws.com',
  ...[...COMMERCIAL_REGIONS, ...GOV_REGIONS].map((region) => `sts.${region}.amazonaws.com`),
  ...FIPS_REGIONS.map((region) => `sts-fips.${region}.amazonaws.com`),
  ...CHINA_REGIONS.map((region) => `sts.${region}.amazonaws.com.cn`),
])
