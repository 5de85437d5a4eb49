import { FORBIDDEN, NOT_FOUND, refusalFor } from '../../groups/rules.ts'
import { toMediaUrl } from '../../media-host.ts'
import { changeGroupPicture, changePicture } from '../../profile-pictures.ts'
import type { StanzaContext } from '../index.ts'
import { bytes, child, failure, node, result } from '../node.ts'
import type { BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

const show = ({ world, account }: StanzaContext, iq: BinaryNode, asked: BinaryNode): BinaryNode => {
  const target = iq.attrs['target']
  const person = target === undefined ? account : world.accounts.byJid(target)
  const subject = person?.lid ?? world.groups.get(target)?.id
  const isHidden = person !== undefined && person !== account && person.privacy['profile'] === 'none'
  const picture = subject === undefined || isHidden ? undefined : world.pictures.get(subject)
  if (picture === undefined) return failure(iq, 404, 'item-not-found')
  return result(iq, [node('picture', {
    id: picture.id,
    type: asked.attrs['type'] ?? 'preview',
    url: toMediaUrl(picture.directPath),
    direct_path: picture.directPath,
  })])
}

const changeIt = async ({ world, account }: StanzaContext, iq: BinaryNode): Promise<BinaryNode> => {
  const image = bytes(child(iq, 'picture'))
  const target = iq.attrs['target']
  const person = target === undefined ? account : world.accounts.byJid(target)
  let id: string | undefined
  if (person === undefined) {
    const group = world.groups.get(target)
    const refusal = group === undefined ? NOT_FOUND : refusalFor(group, account.lid, 'edit')
    if (group === undefined || refusal) return failure(iq, (refusal ?? NOT_FOUND).code, (refusal ?? NOT_FOUND).words)
    id = await changeGroupPicture(world, group, account, image)
  } else if (person === account) id = await changePicture(world, account, image)
  else return failure(iq, FORBIDDEN.code, FORBIDDEN.words)
  return result(iq, id === undefined ? undefined : [node('picture', { id })])
}

/** `w:profile:picture`: pictures of people and groups. */
export const answerPicture: IqHandler = async (context, iq) => {
  if (iq.attrs['type'] === 'set') return changeIt(context, iq)
  const asked = child(iq, 'picture')
  return asked && show(context, iq, asked)
}
