import type { Business } from '../../world/accounts.ts'
import { child, children, node, result, type BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

const FIELDS = ['description', 'address', 'email', 'website'] as const

const profile = (jid: string | undefined, business: Business): BinaryNode =>
  node('profile', { jid }, [
    ...FIELDS.flatMap((name) => (business[name] === undefined ? [] : [node(name, {}, Buffer.from(business[name]))])),
    ...(business.category === undefined ? [] : [node('categories', {}, [node('category', { id: '1' }, Buffer.from(business.category))])]),
  ])

/** `w:biz` get: the profiles of the businesses among those asked for. */
export const answerBusiness: IqHandler = ({ world }, iq) => {
  const asked = child(iq, 'business_profile')
  if (iq.attrs['type'] !== 'get' || !asked) return undefined
  const found = children(asked, 'profile').flatMap(({ attrs: { jid } }) => {
    const business = world.accounts.byJid(jid)?.business
    return business ? [profile(jid, business)] : []
  })
  return result(iq, [node('business_profile', {}, found)])
}
