// From what AWS says about an inference profile to the model it is priced as: the base model for a profile over one region, the
// system-defined profile it works like for one over several. AWS does not say what an application profile was copied from, but it
// lists where it may run, and that decides the price: a model without a region is how a global profile is listed.
// Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html.

/** What pricing takes. */
export type LookedUpModel = { readonly modelId: string; readonly source: 'profile' }

export type InferenceProfile = {
  readonly type: string | undefined
  readonly id: string | undefined
  readonly modelArns: readonly (string | undefined)[]
}

const PROFILE =
  /^arn:aws[a-z-]*:bedrock:([a-z0-9-]{1,32}):(\d{12}):(?:application-)?inference-profile\//
const PROFILE_ARN = new RegExp(`${PROFILE.source}[A-Za-z0-9:.-]{1,128}$`)
const MODEL_ARN =
  /^arn:aws[a-z-]*:bedrock:([a-z0-9-]{0,32})::foundation-model\/([a-z0-9.:-]{1,200})$/
export const MODEL_ID = /^[A-Za-z0-9.:-]{1,200}$/

export function isProfileArn(arn: string): boolean {
  return PROFILE_ARN.test(arn)
}

export function placeOfProfile(arn: string): { region: string; accountId: string } | null {
  const [, region, accountId] = PROFILE.exec(arn) ?? []
  return region === undefined || accountId === undefined ? null : { region, accountId }
}

/** Null where it stands for no one model, or for places that belong to no profile known. */
export function modelOfProfile(arn: string, profile: InferenceProfile): LookedUpModel | null {
  const { type, id, modelArns } = profile
  if (type === 'SYSTEM_DEFINED') return id !== undefined && MODEL_ID.test(id) ? lookedUp(id) : null
  const regions = new Set<string>()
  const models = new Set<string>()
  for (const modelArn of modelArns) {
    const [, region, model] = MODEL_ARN.exec(modelArn ?? '') ?? []
    if (region === undefined || model === undefined) return null
    regions.add(region)
    models.add(model)
  }
  const [model] = models
  if (model === undefined || models.size > 1) return null
  if (regions.has('')) return lookedUp(`global.${model}`)
  if (regions.size === 1 && regions.has(placeOfProfile(arn)?.region ?? '')) return lookedUp(model)
  const geography = geographyOf([...regions])
  return geography === null ? null : lookedUp(`${geography}.${model}`)
}

/** The geographies of https://docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html. */
function geographyOf(regions: readonly string[]): string | null {
  const all = (...names: string[]): boolean => regions.every((region) => names.includes(region))
  const some = (prefix: string): boolean => regions.some((region) => region.startsWith(prefix))
  if (some('us-gov-')) return 'us-gov'
  // Profiles of the United States are offered in Canada too, and then list it.
  if (some('us-')) return 'us'
  if (some('eu-')) return 'eu'
  if (all('ap-northeast-1', 'ap-northeast-3')) return 'jp'
  if (all('ap-southeast-2', 'ap-southeast-4')) return 'au'
  if (all('ap-south-1', 'ap-south-2')) return 'in'
  if (some('ap-')) return 'apac'
  return some('ca-') ? 'ca' : null
}

function lookedUp(modelId: string): LookedUpModel {
  return { modelId, source: 'profile' }
}
