// Writes Parquet in pieces: rows come one by one, a row group is encoded when it is full, and its bytes go out at once, so that a file
// of any length takes the memory of one group. Decimals are whole numbers of their last digit, times are UTC.

import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'

/** `decimal`: a bigint of 1e-`scale`, 38 digits in all. `words`: text to text. */
export type ParquetType =
  | 'string'
  | 'json'
  | 'long'
  | 'double'
  | 'boolean'
  | 'time'
  | 'words'
  | { readonly decimal: number }

export type ParquetColumn = {
  readonly name: string
  readonly type: ParquetType
  readonly nullable: boolean
}

export type ParquetValue =
  string | number | bigint | boolean | Date | Readonly<Record<string, string>> | null

const GROUP_ROWS = 20_000

export async function* parquetChunks(
  columns: readonly ParquetColumn[],
  rows: AsyncIterable<readonly ParquetValue[]> | Iterable<readonly ParquetValue[]>,
): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.flatMap((column) => elementsOf(column)),
    ],
    createdBy: 'ledgerock',
  })
  let group: (readonly ParquetValue[])[] = []
  const encode = (): Uint8Array => {
    const columnData = columns.map(({ name }, index) => ({
      name,
      data: group.map((row) => row[index]),
    }))
    void writer.write({ columnData, rowGroupSize: GROUP_ROWS })
    group = []
    return taken(bytes)
  }
  for await (const row of rows) {
    group.push(row)
    if (group.length === GROUP_ROWS) yield encode()
  }
  if (group.length > 0) yield encode()
  void writer.finish()
  yield taken(bytes)
}

/** What was written since; offsets in the file go on counting. */
function taken(bytes: ByteWriter): Uint8Array {
  const chunk = bytes.getBytes().slice()
  bytes.index = 0
  return chunk
}

function elementsOf({ name, type, nullable }: ParquetColumn): readonly SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED'
  if (typeof type !== 'string') {
    const decimal = { converted_type: 'DECIMAL', precision: 38, scale: type.decimal } as const
    return [{ name, repetition_type, type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, ...decimal }]
  }
  switch (type) {
    case 'string':
      return [{ name, repetition_type, type: 'BYTE_ARRAY', converted_type: 'UTF8' }]
    // Engines that query a warehouse read JSON as text.
    case 'json':
      return [{ name, repetition_type, type: 'BYTE_ARRAY', converted_type: 'UTF8' }]
    case 'long':
      return [{ name, repetition_type, type: 'INT64' }]
    case 'double':
      return [{ name, repetition_type, type: 'DOUBLE' }]
    case 'boolean':
      return [{ name, repetition_type, type: 'BOOLEAN' }]
    case 'time':
      return [{ name, repetition_type, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }]
    case 'words':
      return [
        { name, converted_type: 'MAP', num_children: 1, repetition_type },
        { name: 'key_value', num_children: 2, repetition_type: 'REPEATED' },
        { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        { name: 'value', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
      ]
  }
}
