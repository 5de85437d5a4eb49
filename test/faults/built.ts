import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL(import.meta.url.includes('/dist/test/') ? '../../..' : '../..', import.meta.url))

/** The path of a compiled module, whether this one runs compiled or as source. */
export const built = (module: string): string => join(ROOT, 'dist', module)
