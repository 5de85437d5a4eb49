import { randomBytes } from 'node:crypto'
import { MEDIA_HOSTNAME } from '../../media-host.ts'
import { child, node, result } from '../node.ts'
import type { IqHandler } from './index.ts'

const TTL_SECONDS = 3600
const AUTH_BYTES = 24

/** `w:m`: where media goes to; the token is WhatsApp's to check, and this small one takes any. */
export const answerMediaConnection: IqHandler = (_context, iq) => {
  if (child(iq, 'media_conn') === undefined) return undefined
  const ttl = String(TTL_SECONDS)
  return result(iq, [
    node('media_conn', { auth: randomBytes(AUTH_BYTES).toString('base64url'), ttl, auth_ttl: ttl, max_buckets: '12' }, [
      node('host', { hostname: MEDIA_HOSTNAME }),
    ]),
  ])
}
