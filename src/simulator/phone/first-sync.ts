import type { Account, Companion } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { sendFirstSync } from './history.ts'

/** What the phone does at once for a companion that came online for the first time: settings key, history, names. */
export const linkedFirst = async (world: World, account: Account, companion: Companion): Promise<void> => {
  try {
    await sendFirstSync(world, account, companion)
    companion.historySent = true
    world.accounts.save(account)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    world.logger.error({ phone: account.phone, reason }, 'a phone could not send its first history')
  }
}
