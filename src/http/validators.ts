import type { TSchema } from '@sinclair/typebox'
import { Ajv, type Options, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

/** Compiles the schema of one part of a request. */
export type CompileValidator = (schema: object, part: string | undefined) => ValidateFunction

const OPTIONS: Options = { allErrors: true, removeAdditional: false, useDefaults: true, discriminator: true, strict: true, allowUnionTypes: true, verbose: true }

/**
 * Two Ajv instances: a body is JSON and means what it says, while everything in a URL is text and is read as the type it should be.
 * Nothing is ever dropped in silence.
 */
export function validators(named: readonly TSchema[]): CompileValidator {
  const make = (coerceTypes: false | 'array'): Ajv => {
    const ajv = new Ajv({ ...OPTIONS, coerceTypes })
    formats.default(ajv)
    return ajv.addSchema([...named])
  }
  const bodies = make(false)
  const urls = make('array')
  return (schema, part) => (part === 'body' ? bodies : urls).compile(schema)
}
