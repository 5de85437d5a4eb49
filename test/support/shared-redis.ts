import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { startRedis } from './redis.ts'

/** The part of vitest that a global set-up is given. */
interface Project {
  readonly config: { readonly env?: Partial<Record<string, string>> | undefined }
}

/** Runs one Redis for all tests of a project, on the socket that its environment names; answers what ends it. */
export default async function start({ config: { env } }: Project): Promise<() => Promise<void>> {
  const folder = dirname(new URL(env?.['TEST_REDIS_URL'] ?? '').pathname)
  mkdirSync(folder, { recursive: true })
  return (await startRedis({}, folder)).stop
}
