/** A repeatable sequence of chances. */
export interface Random {
  /** From `min` to `max`, both included where whole numbers are asked for. */
  whole(min: number, max: number): number
  pick<T>(list: readonly T[]): T
  chance(probability: number): boolean
}

/** A sequence that its seed repeats (mulberry32); `stream` makes independent ones of the same seed. */
export function seeded(seed: number, stream: string): Random {
  let state = seed >>> 0
  for (const letter of stream) state = (Math.imul(state, 31) + letter.charCodeAt(0)) >>> 0
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (min: number, max: number): number => min + Math.floor(draw() * (max - min + 1))
  return {
    whole,
    chance: (probability) => draw() < probability,
    pick<T>(list: readonly T[]): T {
      const found = list[whole(0, list.length - 1)]
      if (found === undefined) throw new Error('there is nothing to pick from')
      return found
    },
  }
}
