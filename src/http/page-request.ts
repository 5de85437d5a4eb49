import { DEFAULT_PAGE, type PageQuery } from '../../schemas/page.ts'
import type { PageRequest } from '../store/store.ts'

/** What a list's query asks the store for. */
export const toPageRequest = ({ limit = DEFAULT_PAGE, cursor }: PageQuery): PageRequest => ({ limit, cursor: cursor ?? null })
