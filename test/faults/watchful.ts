/** Tells on standard error how far a long run has come. */
export interface Watch<Name extends string> {
  count(name: Name): void
  reach(name: Name, place: number): void
  stop(): void
}

const EVERY_MS = 30_000

/** Begins to watch; `full` names what is counted and how much of it there will be. */
export function watchful<Name extends string>(title: string, full: Readonly<Record<Name, number>>): Watch<Name> {
  const began = Date.now()
  const names = Object.keys(full) as Name[]
  const now = new Map<Name, number>()
  const timer = setInterval(() => {
    const words = names.map((name) => `${name} ${now.get(name) ?? 0} of ${full[name]}`)
    process.stderr.write(`  ${title}, after ${Math.round((Date.now() - began) / 1000)} s: ${words.join(', ')}\n`)
  }, EVERY_MS)
  return {
    count: (name) => void now.set(name, (now.get(name) ?? 0) + 1),
    reach: (name, place) => void now.set(name, place),
    stop: () => clearInterval(timer),
  }
}
