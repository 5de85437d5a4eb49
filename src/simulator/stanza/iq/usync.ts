import { parseJid, phoneDigits } from '../../wire/jid.ts'
import type { Account } from '../../world/accounts.ts'
import type { StanzaContext } from '../index.ts'
import { child, children, failure, node, result, text, type BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

/** What one protocol says of one asked user; nothing for somebody WhatsApp does not know. */
type Protocol = (context: StanzaContext, account: Account | undefined, user: BinaryNode) => BinaryNode | undefined

const isRegistered = (account: Account | undefined): account is Account => account?.registered === true

/** The protocols a client may combine in one question. */
const protocols: Record<string, Protocol> = {
  devices: ({ world, device }, account) => {
    if (!isRegistered(account)) return undefined
    world.watchers.add(account, device)
    const devices = world.accounts.devices(account).map(({ id }) =>
      node('device', id === 0 ? { id: '0' } : { id: String(id), 'key-index': String(id) }),
    )
    return node('devices', {}, [node('device-list', {}, devices)])
  },
  lid: ({ world }, account) => (isRegistered(account) ? node('lid', { val: world.accounts.lidOf(account) }) : undefined),
  contact: (_context, account, user) => {
    const asked = child(user, 'contact')
    return node('contact', { type: isRegistered(account) ? 'in' : 'out' }, asked ? Buffer.from(text(asked)) : undefined)
  },
  status: (_context, account) => {
    if (!isRegistered(account)) return undefined
    return account.about === ''
      ? node('status', { code: '401', t: '0' })
      : node('status', { t: String(account.aboutSetAt) }, Buffer.from(account.about))
  },
  disappearing_mode: (_context, account) =>
    isRegistered(account)
      ? node('disappearing_mode', { duration: String(account.disappearing.durationSeconds), t: String(account.disappearing.setAt) })
      : undefined,
  // Nobody here has chosen a user name.
  username: () => undefined,
}

/** The user a question names: by address, or by a phone number in its contact. */
const find = ({ world }: StanzaContext, user: BinaryNode): { jid: string | undefined; account: Account | undefined } => {
  const asked = user.attrs['jid']
  if (asked) return { jid: asked, account: world.accounts.byJid(asked) }
  const phone = phoneDigits(text(child(user, 'contact')))
  if (phone === '') return { jid: undefined, account: undefined }
  return { jid: `${phone}@s.whatsapp.net`, account: world.accounts.byPhone(phone) }
}

const bare = (jid: string | undefined): string | undefined => {
  const parts = parseJid(jid)
  return parts && `${parts.user}@${parts.server}`
}

/** `usync`: what is known of people, any combination of protocols for any number of them. */
export const answerUsync: IqHandler = (context, iq) => {
  const { world, account: asker } = context
  const usync = child(iq, 'usync')
  const asked = children(child(usync, 'query'))
  if (!usync || asked.length === 0 || asked.some(({ tag }) => protocols[tag] === undefined)) return undefined
  if (world.faults.take('usyncTimeout', asker)) return 'answered'
  const unknown = world.faults.take('usyncUnknown', asker)
  const users = children(child(usync, 'list'), 'user').map((user) => {
    const { jid, account } = find(context, user)
    const known = unknown && account !== asker ? undefined : account
    return node('user', { jid: bare(jid) }, asked.flatMap(({ tag }) => protocols[tag]?.(context, known, user) ?? []))
  })
  if (users.some(({ attrs }) => attrs['jid'] === undefined)) return failure(iq, 400, 'bad-request')
  const { sid, mode, context: kind } = usync.attrs
  return result(iq, [
    node('usync', { sid, index: '0', last: 'true', mode, context: kind }, [
      node('result', {}, asked.map(({ tag }) => node(tag))),
      node('list', {}, users),
    ]),
  ])
}
