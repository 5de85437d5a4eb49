import { Type, type Static, type TSchema, type TUnsafe } from '@sinclair/typebox'

/** A `$ref` to a named schema that keeps the static type of what it refers to. */
export const ref = <T extends TSchema>(schema: T): TUnsafe<Static<T>> => Type.Unsafe<Static<T>>(Type.Ref(schema.$id as string))

/** One of some strings, written as `type: string` with an `enum`, which every generator reads alike. */
export const oneOf = <const T extends readonly string[]>(values: T, options: { $id?: string; title?: string; description?: string; default?: T[number] } = {}): TUnsafe<T[number]> =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options })

/** The value, or null where it is not known. */
export const nullable = <T extends TSchema>(schema: T, options: { description?: string } = {}): TUnsafe<Static<T> | null> =>
  Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }], ...options })
