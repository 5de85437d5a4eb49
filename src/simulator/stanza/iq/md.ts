import { parseJid } from '../../wire/jid.ts'
import { unlinkCompanion } from '../../unlink.ts'
import { child, failure, result } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `md` of a linked client: it logs a companion out, itself as a rule. */
export const answerMultiDevice: IqHandler = ({ world, account, connection }, iq) => {
  const removal = child(iq, 'remove-companion-device')
  if (!removal) return undefined
  const id = parseJid(removal.attrs['jid'])?.device
  const companion = account.companions.find((candidate) => candidate.id === id)
  if (!companion) return failure(iq, 404, 'item-not-found')
  connection.send(result(iq))
  unlinkCompanion(world, account, companion)
  return 'answered'
}
