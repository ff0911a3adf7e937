// Reads a V8 CPU profile: the time each function spent itself, and the time spent on behalf of each of our own functions, that
// is in it and in everything of Node, V8 and the libraries it called, up to the next function of ours.

export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export type Share = { readonly name: string; readonly us: number }

export type ProfileReading = {
  /** All but idle time. */
  readonly busyUs: number
  readonly idleUs: number
  readonly byFunction: readonly Share[]
  readonly onBehalfOf: readonly Share[]
  readonly byPlace: readonly Share[]
}

const OURS = '/packages/ledgerock/src/'

export function readCpuProfile(profile: CpuProfile): ProfileReading {
  const self = selfTimes(profile)
  const parents = new Map<number, number>()
  for (const node of profile.nodes) {
    for (const child of node.children ?? []) parents.set(child, node.id)
  }
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const byFunction = new Map<string, number>()
  const byPlace = new Map<string, number>()
  const onBehalfOf = new Map<string, number>()
  let busyUs = 0
  let idleUs = 0
  for (const [id, us] of self) {
    const frame = nodes.get(id)?.callFrame
    if (frame === undefined) continue
    // Starting the profiler is the profiler's, not the worker's.
    if (frame.url === 'node:inspector') continue
    if (frame.functionName === '(idle)') {
      idleUs += us
      continue
    }
    busyUs += us
    add(byFunction, nameOf(frame), us)
    add(byPlace, placeOf(frame), us)
    let owner: number | undefined = id
    while (owner !== undefined && !isOurs(nodes.get(owner)?.callFrame.url))
      owner = parents.get(owner)
    const ownerFrame = owner === undefined ? null : (nodes.get(owner)?.callFrame ?? null)
    add(
      onBehalfOf,
      ownerFrame === null ? `no function of ours: ${placeOf(frame)}` : nameOf(ownerFrame),
      us,
    )
  }
  return {
    busyUs,
    idleUs,
    byFunction: sorted(byFunction),
    onBehalfOf: sorted(onBehalfOf),
    byPlace: sorted(byPlace),
  }
}

function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const self = new Map<number, number>()
  for (const [index, id] of samples.entries()) {
    // A delta is the time since the sample before, so it belongs to that one's end; near enough at this rate.
    self.set(id, (self.get(id) ?? 0) + Math.max(timeDeltas[index] ?? 0, 0))
  }
  return self
}

type Frame = CpuProfile['nodes'][number]['callFrame']

function isOurs(url: string | undefined): boolean {
  return url?.includes(OURS) === true
}

function nameOf(frame: Frame): string {
  const name = frame.functionName === '' ? '(anonymous)' : frame.functionName
  const place = fileOf(frame.url)
  return place === '' ? name : `${name} ${place}:${frame.lineNumber + 1}`
}

function fileOf(url: string): string {
  const ours = url.indexOf(OURS)
  if (ours !== -1) return url.slice(ours + OURS.length)
  const module = url.lastIndexOf('/node_modules/')
  return module === -1 ? url : url.slice(module + '/node_modules/'.length)
}

/** Our room, the package, the module of Node, or the engine itself. */
function placeOf(frame: Frame): string {
  const { url, functionName } = frame
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8 and Node, native'
  const file = fileOf(url)
  if (isOurs(url)) return `ledgerock ${file.split('/')[0]}`
  if (file.startsWith('node:')) return file.split('/').slice(0, 2).join('/')
  const parts = file.split('/')
  return parts[0]?.startsWith('@') === true ? parts.slice(0, 2).join('/') : (parts[0] ?? file)
}

function add(sums: Map<string, number>, name: string, us: number): void {
  sums.set(name, (sums.get(name) ?? 0) + us)
}

function sorted(sums: ReadonlyMap<string, number>): readonly Share[] {
  return [...sums].map(([name, us]) => ({ name, us })).toSorted((left, right) => right.us - left.us)
}
