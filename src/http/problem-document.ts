import type { Problem as ProblemDocument } from '../../schemas/problem.ts'
import { catalogue, type Problem } from '../errors.ts'

/** The media type of every error (RFC 9457). */
export const PROBLEM_JSON = 'application/problem+json'
const RETRY_AFTER_SECONDS = 5

/** The body of an error; `url` is the request's and loses its query, which may hold anything. */
export function toProblemDocument(problem: Problem, url: string): ProblemDocument {
  const { status, title, retryable } = catalogue[problem.code]
  return {
    type: `/errors#${problem.code}`,
    title,
    status,
    detail: problem.message,
    instance: withoutQuery(url),
    code: problem.code,
    retryable,
    ...(problem.errors === undefined ? {} : { errors: problem.errors.map((field) => ({ ...field })) }),
    ...problem.resume,
    error: problem.message,
  }
}

/** The path of a URL as it was sent. */
export const withoutQuery = (url: string): string => url.split('?', 1)[0] ?? url

/** Seconds after which a caller may try again, or null where that makes no sense (RFC 9110, Retry-After). */
export function retryAfterSeconds(problem: Problem): number | null {
  if (problem.retryAfterSeconds !== undefined) return problem.retryAfterSeconds
  return problem.status === 429 || problem.status === 503 ? RETRY_AFTER_SECONDS : null
}
