/** The largest body that is delivered, in bytes. */
export const MAX_BODY_BYTES = 64 * 1024

/** What stands at the end of a text that was cut. */
export const CUT_MARK = '… [cut]'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Where a part of the body is, and how much of it there is. */
interface Part {
  readonly path: readonly (string | number)[]
  readonly bytes: number
}

const bytesOf = (value: Json): number => Buffer.byteLength(JSON.stringify(value))

/**
 * An event as it is delivered. What is over the limit loses the ends of its longest texts and lists, and says so: `truncated` names each
 * by its JSON pointer. The API has them whole.
 */
export function toBody(event: object): string {
  const whole = JSON.stringify(event)
  if (Buffer.byteLength(whole) <= MAX_BODY_BYTES) return whole
  let body = JSON.parse(whole) as Json
  const cut = new Set<string>()
  for (;;) {
    const text = JSON.stringify({ ...(body as object), truncated: [...cut] })
    const excess = Buffer.byteLength(text) - MAX_BODY_BYTES
    const heaviest = excess > 0 ? heaviestIn((body as { readonly data?: Json }).data ?? null, ['data']) : null
    if (heaviest === null) return text
    body = replaced(body, heaviest.path, (part) => shortened(part, heaviest.bytes, excess))
    cut.add(heaviest.path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''))
  }
}

/** The text or list that weighs most; a list only as a whole, so that its entries stay whole. */
function heaviestIn(value: Json, path: Part['path']): Part | null {
  const own = isCuttable(value) ? [{ path, bytes: bytesOf(value) }] : []
  const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).flatMap(([name, child]) => heaviestIn(child, [...path, name]) ?? []) : []
  return [...own, ...inner].reduce<Part | null>((most, part) => (most === null || part.bytes > most.bytes ? part : most), null)
}

const isCuttable = (value: Json): boolean => (typeof value === 'string' && value.length > CUT_MARK.length) || (Array.isArray(value) && value.length > 0)

function replaced(value: Json, [step, ...rest]: Part['path'], change: (part: Json) => Json): Json {
  if (step === undefined) return change(value)
  const fields = value as { readonly [name: string]: Json }
  return { ...fields, [step]: replaced(fields[step] ?? null, rest, change) }
}

/** Without at least a little more than the excess, or without most of it. */
function shortened(part: Json, bytes: number, excess: number): Json {
  const kept = Math.max(0, 1 - (excess + 100) / bytes)
  if (typeof part === 'string') {
    const text = part.endsWith(CUT_MARK) ? part.slice(0, -CUT_MARK.length) : part
    // Never between the halves of a surrogate pair.
    return text.slice(0, Math.floor(text.length * kept)).replace(/[\uD800-\uDBFF]$/, '') + CUT_MARK
  }
  return Array.isArray(part) ? part.slice(0, Math.floor(part.length * kept)) : part
}
