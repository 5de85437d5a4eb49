import type { World } from '../world/world.ts'
import { receiveOnPhone } from './receive.ts'

/** The phones' own life: each works through its queue, one stanza after another. */
export type PhoneWorker = {
  /** Something came for this phone. */
  wake(deviceKey: string): void
  /** Resolves when no phone has anything left to do. */
  idle(): Promise<void>
  stop(): void
}

/** Starts the phones; what waited in their queues from before is taken up at once. */
export const startPhones = (world: World): PhoneWorker => {
  const running = new Map<string, Promise<void>>()
  let stopped = false

  const work = async (deviceKey: string): Promise<void> => {
    const account = world.accounts.byLid(deviceKey.split(':')[0] ?? '')
    for (;;) {
      const [next] = world.delivery.pending(deviceKey)
      if (!next || stopped) return
      try {
        if (account) await receiveOnPhone(world, account, next)
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'unknown'
        world.logger.error({ tag: next.stanza.tag, reason }, 'a phone failed on a stanza')
      }
      world.delivery.forget(next)
    }
  }

  const wake = (deviceKey: string): void => {
    if (stopped || running.has(deviceKey)) return
    const run = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => work(deviceKey))
      .finally(() => {
        running.delete(deviceKey)
        if (!stopped && world.delivery.pending(deviceKey).length > 0) wake(deviceKey)
      })
    running.set(deviceKey, run)
  }

  for (const account of world.accounts.list()) {
    if (world.delivery.pending(account.phoneDevice.key).length > 0) wake(account.phoneDevice.key)
  }
  return {
    wake,
    idle: async () => {
      while (running.size > 0) await Promise.all(running.values())
    },
    stop: () => {
      stopped = true
    },
  }
}
