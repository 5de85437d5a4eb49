import { STATUS_CODES } from 'node:http'
import type { Problem } from '../errors.ts'
import { PROBLEM_JSON, toProblemDocument } from './problem-document.ts'

/** A whole HTTP answer for a request that never became one, to be written to the bare socket. */
export function rawAnswer(problem: Problem, requestId: string): string {
  const body = JSON.stringify(toProblemDocument(problem, '/'))
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
