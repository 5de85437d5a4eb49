/**
 * SQLite's text ends at a NUL for whoever reads it through a C string, so a NUL is written as U+0001 U+0001 and U+0001 as U+0001 U+0002.
 * That keeps the order of texts, and texts without either stay as they are.
 */
const NUL = '\u0000'
const ESCAPE = '\u0001'
const ESCAPED: Readonly<Record<string, string>> = { [NUL]: '\u0001\u0001', [ESCAPE]: '\u0001\u0002' }

/** The text as it is written to SQLite. */
export const toStored = (text: string): string => (text.includes(NUL) || text.includes(ESCAPE) ? Array.from(text, (char) => ESCAPED[char] ?? char).join('') : text)

/** The text as it was before {@link toStored}. */
export const fromStored = (text: string): string => (text.includes(ESCAPE) ? text.replaceAll(ESCAPED[NUL] ?? '', NUL).replaceAll(ESCAPED[ESCAPE] ?? '', ESCAPE) : text)
