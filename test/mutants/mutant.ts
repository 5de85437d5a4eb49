/** A change of one file: the text must occur in it exactly once, so that the list cannot rot. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** What must notice a mutant: the fault harness, again and again until it fails, or test files of `npm test`. */
export type Catcher =
  | { readonly kind: 'faults'; readonly name: string; readonly args: readonly string[]; readonly tries: number }
  | { readonly kind: 'tests'; readonly name: string; readonly files: readonly string[]; readonly named?: string }

/** One piece of ours, switched off. */
export interface Mutant {
  readonly name: string
  /** What is switched off, in words. */
  readonly off: string
  readonly edits: readonly Edit[]
  readonly caughtBy: Catcher
}

/** The fault harness, with a part and sizes of its own. */
export const faults = (name: string, part: string, sizes: Readonly<Record<string, number | string>>, tries = 2): Catcher => ({
  kind: 'faults', name, tries,
  args: ['--only', part, ...Object.entries(sizes).flatMap(([size, value]) => [`--${size}`, String(value)])],
})

/** A test file, or those of its tests whose names hold the words. */
export const tests = (file: string, named?: string): Catcher => ({ kind: 'tests', name: `${file.replace(/^test\//, '').replace(/\.test\.ts$/, '')}${named === undefined ? '' : ` '${named}'`}`, files: [file], ...(named === undefined ? {} : { named }) })

/** A mutant that changes one place. */
export const mutant = (name: string, off: string, file: string, find: string, replace: string, caughtBy: Catcher): Mutant => ({ name, off, edits: [{ file, find, replace }], caughtBy })

/** The text with the edit made; throws when what it looks for is not there exactly once. */
export function edited(text: string, { file, find, replace }: Edit): string {
  const found = text.split(find).length - 1
  if (found !== 1) throw new Error(`${file} holds the text of a mutant ${found} times: ${find.split('\n')[0] ?? ''}`)
  return text.replace(find, () => replace)
}
