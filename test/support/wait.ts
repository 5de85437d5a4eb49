const DEADLINE_MS = 15_000
const FIRST_STEP_MS = 5
/** Probes ask over HTTP and run side by side: they must not be the load themselves. */
const LAST_STEP_MS = 40

/** Waits until the probe answers something true, and answers it; fails with the words after the deadline. */
export const until = async <T>(
  probe: () => T | Promise<T>,
  words = 'the condition',
  deadlineMs = DEADLINE_MS,
): Promise<Exclude<T, undefined | null | false>> => {
  const end = Date.now() + deadlineMs
  let stepMs = FIRST_STEP_MS
  for (;;) {
    const found = await probe()
    if (found !== undefined && found !== null && found !== false) return found as Exclude<T, undefined | null | false>
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms in vain for ${words}`)
    await new Promise((resolve) => setTimeout(resolve, stepMs))
    stepMs = Math.min(LAST_STEP_MS, stepMs + 1)
  }
}
