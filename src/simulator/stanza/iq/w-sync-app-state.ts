import { isAppStateCollection } from '../../world/app-state.ts'
import type { AppStateCollection, PatchPage } from '../../world/app-state.ts'
import { absorbActions } from '../../phone/app-actions.ts'
import type { StanzaContext } from '../index.ts'
import { bytes, child, children, node, result } from '../node.ts'
import type { BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

const patchesNode = (page: PatchPage): BinaryNode[] =>
  page.patches.length === 0 ? [] : [node('patches', {}, page.patches.map((patch) => node('patch', {}, patch)))]

const pageNode = (name: AppStateCollection, page: PatchPage): BinaryNode =>
  node('collection', { name, version: String(page.version), has_more_patches: page.hasMore ? 'true' : undefined }, patchesNode(page))

/** Writes come first come first served: one made upon an old version is refused together with what it missed. */
const write = async (context: StanzaContext, name: AppStateCollection, from: number, patch: Buffer): Promise<BinaryNode> => {
  const { world, account, device } = context
  const written = await world.appState.accept(account, name, from, patch)
  if (written === undefined) {
    const page = world.appStates.after(account.lid, name, from)
    return node('collection', { name, version: String(page.version), type: 'error', has_more_patches: page.hasMore ? 'true' : undefined }, [
      node('error', { code: '409', text: 'conflict' }),
      ...patchesNode(page),
    ])
  }
  absorbActions(world, account, device, name, written)
  return node('collection', { name, version: String(written.version) })
}

/** `w:sync:app:state`: reads and writes of the account's synchronised settings. */
export const answerAppState: IqHandler = async (context, iq) => {
  const sync = child(iq, 'sync')
  if (sync === undefined) return undefined
  const answers: BinaryNode[] = []
  for (const asked of children(sync, 'collection')) {
    const { name, version } = asked.attrs
    if (!isAppStateCollection(name)) {
      answers.push(node('collection', { name, type: 'error' }, [node('error', { code: '400', text: 'bad-request' })]))
      continue
    }
    const from = Number(version ?? 0)
    const patch = bytes(child(asked, 'patch') ?? child(child(asked, 'patches'), 'patch'))
    answers.push(patch === undefined
      ? pageNode(name, context.world.appStates.after(context.account.lid, name, from))
      : await write(context, name, from, patch))
  }
  return result(iq, [node('sync', {}, answers)])
}
