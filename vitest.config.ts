import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'

/** What is about files, asks nothing of the store, or has a Redis of its own. */
const NOT_OVER_REDIS = ['test/e2e/cluster/**', ...['fifty', 'full-disk', 'logs', 'lone-simulator', 'refusals', 'remote-sandbox'].map((name) => `test/e2e/process/${name}.test.ts`)]

const sqlite: TestProjectConfiguration = { extends: true, test: { name: 'sqlite', include: ['test/**/*.test.ts'] } }

/** The tests from end to end and the short fault run once more, with everything in Redis. */
const redis: TestProjectConfiguration = {
  extends: true,
  test: {
    name: 'redis', include: ['test/e2e/**/*.test.ts', 'test/faults/short.test.ts'], exclude: NOT_OVER_REDIS, globalSetup: ['test/support/shared-redis.ts'],
    env: { TEST_REDIS_URL: `unix:${join(tmpdir(), `puente-test-redis-${process.pid}`, 'redis.sock')}` },
  },
}

// Under CI a missing Redis must show.
const hasRedis = process.env['CI'] === 'true' || spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 4,
    // Each worker loads the modules once; CONTRIBUTING.md says what that asks of them.
    isolate: false,
    projects: hasRedis ? [sqlite, redis] : [sqlite],
  },
})
