import { child, result, text } from '../node.ts'
import type { IqHandler } from './index.ts'

/** `status` set: the account's "about" text. */
export const answerStatus: IqHandler = ({ world, account }, iq) => {
  const status = child(iq, 'status')
  if (iq.attrs['type'] !== 'set' || !status) return undefined
  account.about = text(status)
  account.aboutSetAt = Math.floor(Date.now() / 1000)
  world.accounts.save(account)
  return result(iq)
}
