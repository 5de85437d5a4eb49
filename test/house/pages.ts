import { readFileSync } from 'node:fs'

/** The text of a page. */
export const read = (path: string): string => readFileSync(path, 'utf8')

/** The shell blocks of a page, in order; with a marker only those that stand right after `<!-- marker -->`. */
export function shellBlocks(page: string, marker?: string): readonly string[] {
  const before = marker === undefined ? '' : `<!-- ${marker} -->\\n`
  return [...read(page).matchAll(new RegExp(`^${before}\`\`\`sh\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block = '']) => block)
}
