import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { MUTANTS } from './list/index.ts'
import { edited, type Edit } from './mutant.ts'

const names = MUTANTS.map(({ name }) => name)

describe('the list of mutants', () => {
  it('names each once', () => {
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(MUTANTS)('$name changes what is there', ({ edits }) => {
    const texts = new Map<string, string>()
    const now = ({ file }: Edit): string => texts.get(file) ?? readFileSync(file, 'utf8')
    for (const edit of edits) {
      const before = now(edit)
      const after = edited(before, edit)
      expect(after).not.toBe(before)
      texts.set(edit.file, after)
    }
  })

  it.each(MUTANTS)('$name is judged by tests that are there', ({ caughtBy }) => {
    const files = caughtBy.kind === 'tests' ? caughtBy.files : ['test/faults/index.ts']
    expect(files.filter((file) => !existsSync(file))).toEqual([])
  })
})
