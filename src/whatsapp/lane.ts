/** How many chats may be waited for aside. */
const MAX_ASIDE = 20

/** Does one thing after the other, in order within each chat. */
export interface Lane {
  /** Begins the work when its turn has come; resolves when the lane may go on. */
  take(chatId: string, work: () => Promise<void>): Promise<void>
}

/**
 * A lane that waits `patienceMs` for one chat, less the more chats keep it waiting: then that chat is set aside, what follows in it waits
 * for it there, and the other chats go on. Work that fails aside is told to `onFault`, and nothing follows it in its chat.
 */
export function patientLane(patienceMs: number, onFault: (error: Error) => void): Lane {
  const aside = new Map<string, Promise<void>>()

  function setAside(chatId: string, work: Promise<void>): void {
    const last = work.then(() => {
      if (aside.get(chatId) === last) aside.delete(chatId)
    })
    aside.set(chatId, last)
    last.catch(onFault)
  }

  return {
    async take(chatId, work) {
      const before = aside.get(chatId)
      if (before) return setAside(chatId, before.then(work))
      const working = work()
      if (aside.size >= MAX_ASIDE) return working
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), patienceMs / (aside.size + 1))))
      try {
        const isDone = await Promise.race([working.then(() => true), late])
        if (!isDone) setAside(chatId, working)
      } finally {
        clearTimeout(timer)
      }
    },
  }
}
