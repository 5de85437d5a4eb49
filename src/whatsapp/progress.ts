/** Watches that what was begun ends. */
export interface Progress {
  begun(id: string): void
  ended(id: string): void
  stop(): void
}

/** Calls `onStall` once when something that was begun has not ended after `limitMs`. Each thing has its own time. */
export function watchProgress(limitMs: number, onStall: () => void): Progress {
  /** When each was begun, Unix milliseconds, oldest first. */
  const open = new Map<string, number>()
  let timer: NodeJS.Timeout | null = null

  function look(): void {
    timer = null
    const [oldest] = open.values()
    if (oldest === undefined) return
    const leftMs = oldest + limitMs - Date.now()
    if (leftMs <= 0) onStall()
    else timer = setTimeout(look, leftMs)
  }

  return {
    begun(id) {
      open.delete(id)
      open.set(id, Date.now())
      timer ??= setTimeout(look, limitMs)
    },
    ended: (id) => void open.delete(id),
    stop() {
      if (timer) clearTimeout(timer)
      timer = null
      open.clear()
    },
  }
}
