import type { Egress, EgressAnswer } from '../egress/egress.ts'
import { isEgressFailure } from '../egress/failures.ts'
import type { Post } from './attempt.ts'

/** What an endpoint may say besides its status; read only so that the connection can be used again. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Posts through the guarded way out. The status alone is the answer; redirects are not followed. */
export const postThrough = (egress: Egress): Post => async (url, { headers, body, timeoutMs, signal }) => {
  try {
    const answer = await egress.request(url, { method: 'POST', headers, body, timeoutMs, signal, maxBytes: MAX_ANSWER_BYTES, whenLarger: 'cut' })
    void readAway(answer)
    return { status: answer.status, retryAfter: answer.headers['retry-after'] ?? null }
  } catch (error) {
    return { status: null, error: isEgressFailure(error) ? error.message : 'The delivery was broken off.' }
  }
}

async function readAway({ body }: EgressAnswer): Promise<void> {
  try {
    for await (const _ of body);
  } catch {
    // What comes after the status changes nothing.
  }
}
