/** One thing measured against its goal. */
export interface Figure {
  readonly name: string
  /** The goal in words. */
  readonly goal: string
  /** What was measured, in words. */
  readonly measured: string
  /** The number that is compared: smaller is better, but for a floor. */
  readonly value: number
  readonly limit: number
  /** The limit is the least that it may be. */
  readonly isFloor?: boolean
}

/** Measures some figures; `say` tells what is going on. */
export type Measure = (say: (words: string) => void) => Promise<readonly Figure[]>

/** Whether the figure meets its goal. */
export const passes = ({ value, limit, isFloor = false }: Figure): boolean => (isFloor ? value >= limit : value <= limit)

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

/** A figure that is our number over the raw one. */
export function beside(name: string, limit: number, unit: string, ours: number, raw: number): Figure {
  const value = ours / raw
  const digits = Math.max(ours, raw) < 100 ? 1 : 0
  return { name, goal: `<= ${limit}x raw`, measured: `${value.toFixed(2)}x (${ours.toFixed(digits)} ${unit}, raw ${raw.toFixed(digits)} ${unit})`, value, limit }
}
