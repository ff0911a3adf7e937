// The settings every statement runs with. Durability and deduplication are off by default in the engine, so none of them is
// taken for granted: they are said to every connection and read back at start.

import type { Lane } from '../lane.ts'
import { LANE_LIMITS } from '../lane.ts'
import { isReplicated, type Engine } from './engine.ts'

export type Settings = Readonly<Record<string, string | number>>

const MS_PER_SECOND = 1_000
const QUERY_BYTES_MAX = 8_388_608
const QUERY_ELEMENTS_MAX = 400_000

/** What exactness rests on. */
export function promisedSettings(engine: Engine): Settings {
  return {
    async_insert: 0,
    insert_deduplicate: 1,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    // One insert is one block: it is wholly there or not at all.
    input_format_parallel_parsing: 0,
    output_format_json_quote_decimals: 1,
    output_format_json_quote_64bit_integers: 0,
    precise_float_parsing: 1,
    // Every line is a row, the first one too, and an empty field is an empty text.
    input_format_tsv_detect_header: 0,
    input_format_tsv_skip_first_lines: 0,
    input_format_tsv_empty_as_default: 0,
    ...(isReplicated(engine) ? { insert_quorum: 'auto' } : {}),
  }
}

export function laneSettings(engine: Engine, lane: Lane): Settings {
  const limits = LANE_LIMITS[lane]
  return {
    ...promisedSettings(engine),
    max_threads: limits.threads,
    max_insert_threads: 1,
    // A year of hours, or the ids of a whole batch, stand in one statement.
    max_query_size: QUERY_BYTES_MAX,
    max_ast_elements: QUERY_ELEMENTS_MAX,
    // Compiling pays for scans of minutes, not for statements of milliseconds.
    compile_expressions: 0,
    compile_aggregate_expressions: 0,
    compile_sort_description: 0,
    max_memory_usage: limits.memoryBytesMax,
    max_bytes_before_external_group_by: limits.spillBytes,
    max_bytes_before_external_sort: limits.spillBytes,
    max_execution_time: limits.timeMsMax / MS_PER_SECOND,
    // The token of an insert must not stay for the next one.
    insert_deduplication_token: '',
  }
}
