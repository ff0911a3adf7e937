// Which regions a price for "every region" covers: the commercial partition only. GovCloud, China, the sovereign cloud and the
// isolated partitions have their own prices, and a string that is no region's name has none.

const GEOGRAPHY = 'af|ap|ca|eu|il|me|mx|sa|us'
const PLACE = '(?:north|south)(?:east|west)?|east|west|central'
const COMMERCIAL_REGION = new RegExp(`^(?:${GEOGRAPHY})-(?:${PLACE})-\\d{1,2}$`)

export function isCommercialRegion(region: string): boolean {
  return COMMERCIAL_REGION.test(region)
}
