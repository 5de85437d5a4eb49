import { v7 } from 'uuid'

/** What a caller may choose as the id of a request: bounded, and printable so that it can stand in a header and a log. */
const GIVEN = /^[\x21-\x7e]{1,128}$/

/** The caller's own id when it is one that can be echoed, else a new one. */
export const requestId = (given: string | readonly string[] | undefined): string => (typeof given === 'string' && GIVEN.test(given) ? given : `req_${v7()}`)
