import { node, now, SERVER } from '../stanza/node.ts'
import type { Account, Companion } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { sendFirstSync } from './history.ts'

/** Makes a client fetch all its groups, as it knows none yet. */
const sendGroups = (world: World, account: Account, companion: Companion): void => {
  if (world.groups.of(account.lid).length === 0) return
  const content = [node('dirty', { type: 'groups', timestamp: now() })]
  world.connections.get(companion.key)?.send(node('ib', { from: SERVER }, content))
}

/** What the phone does at once for a companion that came online for the first time: settings key, history, names. */
export const linkedFirst = async (world: World, account: Account, companion: Companion): Promise<void> => {
  try {
    await sendFirstSync(world, account, companion)
    sendGroups(world, account, companion)
    companion.historySent = true
    world.accounts.save(account)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    world.logger.error({ phone: account.phone, reason }, 'a phone could not send its first history')
  }
}
