import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'

/** Throws unless it holds. */
export function must(holds: boolean): asserts holds {
  if (!holds) throw new Error('does not hold')
}

/** Waits until it holds; throws when it does not by then. */
export async function eventually(holds: () => boolean | Promise<boolean>, patienceMs: number): Promise<void> {
  const end = Date.now() + patienceMs
  while (!(await holds())) {
    must(Date.now() < end)
    await breathe()
  }
}

/** The work, unless it takes longer than that. */
export async function bounded(work: Promise<void>, patienceMs: number): Promise<void> {
  const done = new AbortController()
  try {
    await Promise.race([work, sleep(patienceMs, undefined, { signal: done.signal }).then(() => must(false))])
  } finally {
    done.abort()
  }
}

/** The event loop's own work is done several times over: what should have begun by then has. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await breathe()
}

/** A promise and what resolves it. */
export function gate(): { readonly closed: Promise<void>; open(): void } {
  let open: () => void = () => undefined
  const closed = new Promise<void>((resolve) => (open = resolve))
  return { closed, open: () => open() }
}
