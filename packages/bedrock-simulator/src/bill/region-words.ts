// The word by which a bill calls a region. It cannot be worked out from the region's name: Ireland is `EU`, Mumbai `APS3`.

const WORDS: Readonly<Record<string, string>> = {
  'us-east-1': 'USE1',
  'us-east-2': 'USE2',
  'us-west-1': 'USW1',
  'us-west-2': 'USW2',
  'ca-central-1': 'CAN1',
  'eu-central-1': 'EUC1',
  'eu-west-1': 'EU',
  'eu-west-2': 'EUW2',
  'eu-west-3': 'EUW3',
  'eu-north-1': 'EUN1',
  'ap-northeast-1': 'APN1',
  'ap-northeast-2': 'APN2',
  'ap-northeast-3': 'APN3',
  'ap-southeast-1': 'APS1',
  'ap-southeast-2': 'APS2',
  'ap-south-1': 'APS3',
  'sa-east-1': 'SAE1',
  'us-gov-west-1': 'UGW1',
  'us-gov-east-1': 'UGE1',
}

/** A usage type of us-east-1 as another region has it; a region without a word writes none. */
export function inRegion(usageType: string, region: string): string {
  const word = WORDS[region]
  if (word === undefined) return usageType.replace(/^USE1-/, '').replace(/MP:USE1_/, 'MP:')
  return usageType.replaceAll('USE1', word)
}
