import type { TSchema } from '@sinclair/typebox'
import { Ajv, type ErrorObject, type Options } from 'ajv'
import formats from 'ajv-formats'

/** Checks one part of a request; `errors` tells what was wrong with the last one that failed. */
export interface Check {
  (data: unknown): boolean
  errors?: ErrorObject[] | null
}

/** Makes the check of one part of a request. */
export type CompileValidator = (schema: object, part: string | undefined) => Check

const OPTIONS: Options = { allErrors: true, removeAdditional: false, useDefaults: true, discriminator: true, strict: true, allowUnionTypes: true, verbose: true }

/**
 * A schema is compiled when the first request comes that needs it: all of them together are a fifth of a start.
 * Two Ajv instances: a body is JSON and means what it says, while everything in a URL is text and is read as the type it should be.
 * Nothing is ever dropped in silence.
 */
export function validators(named: readonly TSchema[]): CompileValidator {
  const make = (coerceTypes: false | 'array'): Ajv => {
    const ajv = new Ajv({ ...OPTIONS, coerceTypes })
    formats.default(ajv)
    return ajv.addSchema([...named])
  }
  const bodies = once(() => make(false))
  const urls = once(() => make('array'))
  return (schema, part) => {
    const compiled = once(() => (part === 'body' ? bodies() : urls()).compile(schema))
    const check: Check = (data) => {
      const validate = compiled()
      const valid = validate(data)
      check.errors = validate.errors ?? null
      return valid
    }
    return check
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null
  return () => (made ??= { value: make() }).value
}
