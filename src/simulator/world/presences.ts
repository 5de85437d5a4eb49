import type { Account, Addressing, Device } from './accounts.ts'

/** Who is there and who wants to know; live only, nothing of it is stored. */
export type Presences = {
  subscribe(target: Account, device: Device, form: Addressing): void
  /** Device keys that subscribed, each with the form of address it used. */
  subscribers(target: Account): Iterable<[string, Addressing]>
  play(account: Account, online: boolean): void
  isPlayedOnline(account: Account): boolean
  /** Remembers what somebody was last seen doing in a chat with this account. */
  noteState(seenBy: Account, actor: Account, state: string): void
  lastState(seenBy: Account, actor: Account): string | undefined
  clear(): void
}

/** Makes an empty register. */
export const openPresences = (): Presences => {
  const subscriptions = new Map<string, Map<string, Addressing>>()
  const played = new Set<string>()
  const states = new Map<string, string>()
  return {
    subscribe: (target, device, form) => {
      const known = subscriptions.get(target.lid) ?? new Map<string, Addressing>()
      subscriptions.set(target.lid, known.set(device.key, form))
    },
    subscribers: (target) => subscriptions.get(target.lid) ?? [],
    play: (account, online) => void (online ? played.add(account.lid) : played.delete(account.lid)),
    isPlayedOnline: (account) => played.has(account.lid),
    noteState: (seenBy, actor, state) => void states.set(`${seenBy.lid}/${actor.lid}`, state),
    lastState: (seenBy, actor) => states.get(`${seenBy.lid}/${actor.lid}`),
    clear: () => {
      for (const register of [subscriptions, played, states]) register.clear()
    },
  }
}
