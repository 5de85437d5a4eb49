import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { edited, type Edit } from './mutant.ts'
import { launch } from './program.ts'

/** What a copy is made of; the packages are linked. */
const COPIED = ['src', 'plugins', 'schemas', 'test', 'package.json', 'openapi.json', 'build.mjs', 'vitest.config.ts', 'tsconfig.json', 'tsconfig.build.json']
const BUILD_MS = 180_000

/** A temporary copy of the sources, in which a mutant lives. */
export interface Copy {
  readonly root: string
  /** Makes the edits, builds, does the work and takes the edits back; throws when the result does not compile. */
  with<T>(edits: readonly Edit[], work: () => Promise<T>): Promise<T>
  remove(): void
}

/** Copies the sources of a repository. */
export function copyOf(repository: string): Copy {
  const root = mkdtempSync(join(tmpdir(), 'puente-mutants-'))
  for (const name of COPIED) cpSync(join(repository, name), join(root, name), { recursive: true })
  mkdirSync(join(root, 'tmp'))
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'))
  // What a mutant no longer uses is no fault of its own.
  const settings = join(root, 'tsconfig.json')
  writeFileSync(settings, readFileSync(settings, 'utf8').replace(/"(noUnused\w+)": true/g, '"$1": false'))

  return {
    root,
    async with(edits, work) {
      const before = new Map(edits.map(({ file }) => [file, readFileSync(join(root, file), 'utf8')]))
      try {
        for (const edit of edits) {
          const path = join(root, edit.file)
          writeFileSync(path, edited(readFileSync(path, 'utf8'), edit))
        }
        const { code, output } = await launch(root, ['build.mjs'], BUILD_MS)
        if (code !== 0) throw new Error(`it does not compile: ${output.split('\n').find((line) => line.includes('error')) ?? output.slice(-300)}`)
        return await work()
      } finally {
        for (const [file, text] of before) writeFileSync(join(root, file), text)
      }
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
