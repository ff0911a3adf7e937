// Fetches the Bedrock files of the AWS Price List: public, without credentials, tens of megabytes. A file that comes short, is no
// JSON or is another offer's is a fault and never half a price list; a passing failure is tried again.
// Source: AWS Billing user guide, "Getting price list files using the AWS Price List Bulk API".

import { Fault } from '../kernel/fault.ts'

export const PRICE_LIST_URL = 'https://pricing.us-east-1.amazonaws.com'

/** Everything Bedrock is sold under. */
export const BEDROCK_OFFERS = [
  'AmazonBedrock',
  'AmazonBedrockFoundationModels',
  'AmazonBedrockService',
  'AmazonBedrockAgentCore',
] as const
export type BedrockOffer = (typeof BEDROCK_OFFERS)[number]

const FILE_BYTES_MAX = 256 * 1024 * 1024
const TRIES = 3

/** How far the file under way has come. */
export type DownloadProgress = {
  readonly offer: BedrockOffer
  readonly receivedBytes: number
  /** Null where the server does not say; a compressed body has another length than its file. */
  readonly totalBytes: number | null
}

export type PriceListDownload = {
  readonly fetch: (url: string) => Promise<Response>
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  /** Where the files are; `PRICE_LIST_URL` unless a mirror or a test says otherwise. */
  readonly baseUrl?: string | undefined
}

/** The offers one after another, each parsed; their content is checked by whoever converts them. */
export async function downloadOffers(download: PriceListDownload): Promise<readonly unknown[]> {
  const offers: unknown[] = []
  for (const offer of BEDROCK_OFFERS) offers.push(await downloadOffer(download, offer))
  return offers
}

async function downloadOffer(download: PriceListDownload, offer: BedrockOffer): Promise<unknown> {
  const base = (download.baseUrl ?? PRICE_LIST_URL).replace(/\/+$/, '')
  const url = `${base}/offers/v1.0/aws/${offer}/current/index.json`
  for (let attempt = 1; ; attempt += 1) {
    try {
      const report = download.onProgress ?? (() => undefined)
      return parsed(await bytesOf(await download.fetch(url), offer, url, report), offer, url)
    } catch (problem) {
      const fault = problem instanceof Fault ? problem : unreachable(url, problem)
      if (!fault.retryable || attempt === TRIES) throw fault
    }
  }
}

async function bytesOf(
  response: Response,
  offer: BedrockOffer,
  url: string,
  report: (progress: DownloadProgress) => void,
): Promise<Buffer> {
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel()
    const isPassing = response.status === 429 || response.status >= 500
    const retryable = isPassing ? { retryable: true } : {}
    throw new Fault('price_list_unavailable', `${url} answers ${response.status}`, retryable)
  }
  const isPlain = (response.headers.get('content-encoding') ?? 'identity') === 'identity'
  const length = isPlain ? Number(response.headers.get('content-length') ?? Number.NaN) : Number.NaN
  const totalBytes = Number.isNaN(length) ? null : length
  const parts: Uint8Array[] = []
  let receivedBytes = 0
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    receivedBytes += part.byteLength
    if (receivedBytes > FILE_BYTES_MAX) {
      throw new Fault('price_list_invalid', `${url} is larger than ${FILE_BYTES_MAX} bytes`)
    }
    parts.push(part)
    report({ offer, receivedBytes, totalBytes })
  }
  if (totalBytes !== null && receivedBytes !== totalBytes) {
    const message = `${url} ends after ${receivedBytes} of ${totalBytes} bytes`
    throw new Fault('price_list_unavailable', message, { retryable: true })
  }
  return Buffer.concat(parts)
}

function parsed(bytes: Buffer, offer: BedrockOffer, url: string): unknown {
  let file: unknown
  try {
    file = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    const message = `${url} is cut off or not JSON (${bytes.length} bytes)`
    throw new Fault('price_list_invalid', message, { retryable: true, cause })
  }
  const isOffer =
    typeof file === 'object' && file !== null && 'offerCode' in file && file.offerCode === offer
  if (!isOffer) throw new Fault('price_list_invalid', `${url} is not the offer ${offer}`)
  return file
}

function unreachable(url: string, cause: unknown): Fault {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Fault('price_list_unavailable', `${url}: ${reason}`, { retryable: true, cause })
}
