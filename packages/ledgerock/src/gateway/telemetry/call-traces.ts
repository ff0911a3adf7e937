// Sends a span for every settled call to an OpenTelemetry collector (OTLP over HTTP, JSON), where a configuration asks for it.
// A call never waits for it: spans queue up to a limit, what finds no room is dropped and counted, and a collector that is down
// is a number in the metrics and one line in the log per minute. What a span says is `call-span.ts`'s business.

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import type { OpenedLine, SettledLine } from '../../journal/line.ts'
import type { Clock } from '../../kernel/time.ts'
import { MS_PER_MINUTE } from '../../kernel/time.ts'
import type { Logger } from '../../platform/logging.ts'
import { callSpan, parentOf } from './call-span.ts'

export type TraceSettings = {
  /** Where OTLP traces are posted; an address without a path gets `/v1/traces`. */
  readonly endpoint: string
  readonly headers: Readonly<Record<string, string>>
  /** Of calls that come without a trace of their own; those that have one are sampled as it says. 0 to 1. */
  readonly sampleRatio: number
  /** `service.version` and `service.instance.id` of the spans. */
  readonly version: string
  readonly instance: string
}

export type TraceStatus = {
  readonly exported: number
  /** Found no room in the queue. */
  readonly dropped: number
  /** The collector did not take them. */
  readonly failed: number
}

export type CallTraces = {
  readonly settled: (opened: OpenedLine, line: SettledLine, traceparent: string | null) => void
  readonly status: () => TraceStatus
  /** Sends what is waiting, for a bounded time, and ends. */
  readonly close: () => Promise<void>
}

const QUEUED_SPANS_MAX = 2_048
const BATCH_SPANS_MAX = 512
/** The whole queue at once, when a worker ends, beside one that is under way; else one follows the other. */
const EXPORTS_MAX = QUEUED_SPANS_MAX / BATCH_SPANS_MAX + 1
/** `ExportResultCode.SUCCESS` of the SDK's core, which it does not export itself. */
const EXPORTED = 0
const EXPORT_EVERY_MS = 2_000
const EXPORT_TIMEOUT_MS = 5_000

export function createCallTraces(
  settings: TraceSettings,
  deps: { readonly clock: Clock; readonly logger: Logger },
): CallTraces {
  const exporter = new OTLPTraceExporter({
    url: tracesUrl(settings.endpoint),
    headers: { ...settings.headers },
    timeoutMillis: EXPORT_TIMEOUT_MS,
    concurrencyLimit: EXPORTS_MAX,
  })
  const counts = { exported: 0, dropped: 0, failed: 0 }
  let queued = 0
  const watched = watchExports(exporter, deps, (spans, taken) => {
    queued -= spans
    counts[taken ? 'exported' : 'failed'] += spans
  })
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'ledgerock',
      'service.version': settings.version,
      'service.instance.id': settings.instance,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.sampleRatio) }),
    spanProcessors: [
      new BatchSpanProcessor(watched, {
        maxQueueSize: QUEUED_SPANS_MAX,
        maxExportBatchSize: BATCH_SPANS_MAX,
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('ledgerock.gateway', settings.version)

  function settled(opened: OpenedLine, line: SettledLine, traceparent: string | null): void {
    if (queued >= QUEUED_SPANS_MAX) {
      counts.dropped += 1
      return
    }
    const parent = parentOf(traceparent)
    // A call that nobody traces yet begins a trace.
    const context = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
    const { name, attributes, isError } = callSpan(opened, line)
    const options = { kind: SpanKind.CLIENT, startTime: opened.startedAt, attributes }
    const span = tracer.startSpan(name, options, context)
    if (!span.isRecording()) return
    queued += 1
    if (isError) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end(Math.max(line.endedAt, opened.startedAt))
  }

  return {
    settled,
    status: () => ({ ...counts }),
    async close() {
      // A collector that is down must not hold up the end of a worker; its spans are counted as failed.
      await provider.shutdown().catch(() => undefined)
    },
  }
}

/** The exporter, with what became of each batch told, and its first failure in a minute logged. */
function watchExports(
  exporter: OTLPTraceExporter,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ended: (spans: number, taken: boolean) => void,
): SpanExporter {
  let loggedAt = Number.NEGATIVE_INFINITY
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const taken = (result.code as number) === EXPORTED
        ended(spans.length, taken)
        const now = clock.monotonic()
        if (!taken && now - loggedAt >= MS_PER_MINUTE) {
          loggedAt = now
          logger.warn({ reason: result.error?.message ?? 'refused' }, 'traces_not_exported')
        }
        done(result)
      })
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}

function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint)
  if (url.pathname === '/') url.pathname = '/v1/traces'
  return url.href
}
