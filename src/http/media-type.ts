import { Problem } from '../errors.ts'

interface Range {
  readonly type: string
  readonly quality: number
}

/** The offered media type that an Accept header likes best (RFC 9110, section 12.5.1); without a header the first; NOT_ACCEPTABLE when it takes none of them. */
export function preferredType<const T extends string>(accept: string | undefined, offered: readonly [T, ...T[]]): T {
  if (accept === undefined || accept.trim() === '') return offered[0]
  const ranges = accept.split(',').map(toRange)
  let best: { readonly type: T; readonly quality: number } | null = null
  for (const type of offered) {
    const quality = qualityOf(type, ranges)
    if (quality > 0 && quality > (best?.quality ?? 0)) best = { type, quality }
  }
  if (best) return best.type
  throw new Problem('NOT_ACCEPTABLE', `This can be had as ${offered.join(', ')}; Accept takes none of them.`)
}

function toRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  const value = quality === undefined ? 1 : Number(quality.slice(2))
  return { type, quality: Number.isFinite(value) ? value : 0 }
}

/** The quality of the most specific range that names the type; 0 without one. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const name of [type, `${type.split('/', 1)[0] ?? ''}/*`, '*/*']) {
    const range = ranges.find((one) => one.type === name)
    if (range) return range.quality
  }
  return 0
}
