import { Problem, type FieldError } from '../errors.ts'

/** What Ajv says of one fault, as far as it is put into words here. */
export interface Fault {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string | undefined
  readonly parentSchema?: { readonly description?: unknown } | undefined
}

const MAX_FIELDS = 20
const MAX_NAME_LENGTH = 64
const PLACES: Readonly<Record<string, string>> = { querystring: 'query', headers: 'header' }

/** The VALIDATION_FAILED problem for the faults found in one part of a request (`body`, `querystring`, `params`, `headers`). */
export function validationFailed(part: string, faults: readonly Fault[], absent = false): Problem {
  const place = `/${PLACES[part] ?? part}`
  const errors = absent ? [{ path: place, message: 'is required: send a JSON object' }] : [...distinct(telling(faults).map((fault) => toFieldError(place, fault)))].slice(0, MAX_FIELDS)
  const words = errors.slice(0, 3).map(({ path, message }) => `${path.slice(1).replaceAll('/', '.')} ${message}`)
  const rest = errors.length - words.length
  return new Problem('VALIDATION_FAILED', `${words.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`, { errors })
}

/** Without what a union adds to the fault of the branch that was meant: that nothing fits, and that null would. */
function telling(faults: readonly Fault[]): readonly Fault[] {
  const isExtra = ({ keyword, params }: Fault): boolean => keyword === 'anyOf' || (keyword === 'type' && params['type'] === 'null')
  return faults.filter((fault) => !isExtra(fault) || faults.every((other) => isExtra(other) || other.instancePath !== fault.instancePath))
}

function toFieldError(place: string, { instancePath, keyword, params, message, parentSchema }: Fault): FieldError {
  const child = keyword === 'required' ? params['missingProperty'] : keyword === 'additionalProperties' ? params['additionalProperty'] : undefined
  const path = `${place}${instancePath}${typeof child === 'string' ? `/${escape(child)}` : ''}`
  return { path, message: WORDS[keyword]?.(params, parentSchema?.description) ?? message ?? 'is not valid' }
}

/** One pointer token, bounded: the name is the caller's. */
const escape = (name: string): string => name.slice(0, MAX_NAME_LENGTH).replaceAll('~', '~0').replaceAll('/', '~1')

const characters = (count: unknown): string => `${String(count)} character${count === 1 ? '' : 's'}`

const WORDS: Readonly<Record<string, (params: Fault['params'], description: unknown) => string>> = {
  required: () => 'is required',
  additionalProperties: () => 'is not a known field',
  type: ({ type }) => `must be ${toTypes(type)}`,
  enum: ({ allowedValues }) => `must be one of: ${(allowedValues as unknown[]).join(', ')}`,
  const: ({ allowedValue }) => `must be ${JSON.stringify(allowedValue)}`,
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${characters(limit)}`),
  maxLength: ({ limit }) => `must have at most ${characters(limit)}`,
  minimum: ({ limit }) => `must be at least ${String(limit)}`,
  maximum: ({ limit }) => `must be at most ${String(limit)}`,
  minItems: ({ limit }) => `must have at least ${String(limit)} entries`,
  maxItems: ({ limit }) => `must have at most ${String(limit)} entries`,
  pattern: ({ pattern }, description) => (typeof description === 'string' ? `has the wrong form (${description.replace(/\.$/, '')})` : `must match ${String(pattern)}`),
  format: ({ format }) => `must be a valid ${String(format)}`,
  discriminator: ({ tag }) => `needs a known value in '${String(tag)}'`,
}

function toTypes(type: unknown): string {
  const names = (Array.isArray(type) ? type : String(type).split(',')) as string[]
  return names.map((name) => (name === 'null' ? name : `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`)).join(' or ')
}

/** Unions report a fault once for each of their branches. */
function* distinct(errors: Iterable<FieldError>): Generator<FieldError> {
  const seen = new Set<string>()
  for (const error of errors) {
    const key = `${error.path} ${error.message}`
    if (!seen.has(key)) yield error
    seen.add(key)
  }
}
