import { notify } from '../../phone/phones.ts'
import type { StanzaContext } from '../index.ts'
import { child, children, node, now, result, type BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

/** A trusted-contact token goes to the person it is for, who shows it again when writing back. */
const passTokens = ({ world, account }: StanzaContext, tokens: BinaryNode): void => {
  for (const token of children(tokens, 'token')) {
    const target = world.accounts.byJid(token.attrs['jid'])
    // Clients repeat the request with nearly every message; the other side needs to be told once.
    const value = target && world.tokens.issue(account, target)
    if (!target || !value) continue
    const jid = world.accounts.lidOf(target)
    for (const companion of target.companions) {
      notify(world, companion, { type: 'privacy_token', from: world.accounts.lidOf(account), sender_lid: world.accounts.lidOf(account) }, [
        node('tokens', {}, [node('token', { jid, type: 'trusted_contact', t: token.attrs['t'] ?? now() }, value)]),
      ])
    }
  }
}

const categories = (privacy: Record<string, string>): BinaryNode =>
  node('privacy', {}, Object.entries(privacy).map(([name, value]) => node('category', { name, value })))

/** `privacy`: settings read and written, and tokens for trusted contacts. */
export const answerPrivacy: IqHandler = (context, iq) => {
  const { world, account } = context
  const tokens = child(iq, 'tokens')
  if (tokens) {
    passTokens(context, tokens)
    return result(iq)
  }
  const privacy = child(iq, 'privacy')
  if (!privacy) return undefined
  if (iq.attrs['type'] === 'get') return result(iq, [categories(account.privacy)])
  for (const { attrs } of children(privacy, 'category')) {
    if (attrs['name'] && attrs['value']) account.privacy[attrs['name']] = attrs['value']
  }
  world.accounts.save(account)
  return result(iq, [categories(account.privacy)])
}
