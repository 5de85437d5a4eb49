import { Type, type Static, type TArray, type TSchema, type TUnsafe } from '@sinclair/typebox'
import { ref } from './ref.ts'

/** How many entries a page has when the caller does not say. */
export const DEFAULT_PAGE = 50
/** How many entries a page has at most. */
export const MAX_PAGE = 200

/** The query of every list. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE, description: 'Entries a page, at most.' })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'Where the page starts; taken from the Link header of the page before.' })),
  },
  { additionalProperties: false },
)
export type PageQuery = Static<typeof PageQuery>

/** The array that a list answers; the Link header leads on. */
export const pageOf = <T extends TSchema>(entry: T, description: string): TArray<TUnsafe<Static<T>>> =>
  Type.Array(ref(entry), { description, headers: { Link: { type: 'string', description: 'The next page, as `<...>; rel="next"`; absent on the last one.' } } })
