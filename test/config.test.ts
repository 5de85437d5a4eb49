import { describe, expect, it } from 'vitest'
import { ConfigInvalid, loadConfig } from '../src/config.ts'

/** The message that the environment is refused with. */
function refusal(env: Record<string, string>): string {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.message
    throw error
  }
  throw new Error('the environment was taken')
}

describe('loadConfig', () => {
  it('has a default for everything', () => {
    const config = loadConfig({})
    expect(config).toMatchObject({ http: { host: '127.0.0.1', port: 3000 }, dataDir: './data', sandbox: { kind: 'off' }, whatsapp: { deviceName: 'Puente', version: null }, secrets: { apiKey: null } })
    expect(Object.isFrozen(config.http)).toBe(true)
  })

  it('reads what the original system reads', () => {
    const config = loadConfig({ API_KEY: 'k', PORT: '8080', LOG_LEVEL: 'debug', DEVICE_NAME: 'Ana’s shop' })
    expect(config).toMatchObject({ http: { port: 8080 }, log: { level: 'debug' }, whatsapp: { deviceName: 'Ana’s shop' }, secrets: { apiKey: 'k' } })
  })

  it('takes an empty value for an unset one', () => {
    expect(loadConfig({ PORT: '', REDIS_URL: '' }).http.port).toBe(3000)
  })

  it('knows the three sandboxes', () => {
    expect(loadConfig({ SANDBOX: 'true' }).sandbox).toEqual({ kind: 'inside' })
    expect(loadConfig({ SANDBOX: 'http://127.0.0.1:4000/' }).sandbox).toEqual({ kind: 'at', controlUrl: 'http://127.0.0.1:4000' })
  })

  it.each([
    [{}, 'none'],
    [{ SANDBOX: 'true' }, 'loopback'],
    [{ SANDBOX: 'http://127.0.0.1:4000' }, 'loopback'],
    [{ SANDBOX: 'true', WEBHOOK_ALLOW_PRIVATE: 'false' }, 'none'],
    [{ WEBHOOK_ALLOW_PRIVATE: 'loopback' }, 'loopback'],
    [{ WEBHOOK_ALLOW_PRIVATE: 'true' }, 'all'],
  ])('with %j lets webhooks reach what is private: %s', (env, webhooks) => {
    expect(loadConfig(env).egress.webhooks).toBe(webhooks)
  })

  it('keeps what media may reach apart from what webhooks may', () => {
    expect(loadConfig({ WEBHOOK_ALLOW_PRIVATE: 'true' }).egress).toEqual({ webhooks: 'all', media: 'none' })
    expect(loadConfig({ MEDIA_ALLOW_PRIVATE: 'loopback', SANDBOX: 'true', WEBHOOK_ALLOW_PRIVATE: 'false' }).egress).toEqual({ webhooks: 'none', media: 'loopback' })
    expect(refusal({ MEDIA_ALLOW_PRIVATE: 'yes' })).toContain('MEDIA_ALLOW_PRIVATE')
  })

  it('reads a WhatsApp version', () => {
    expect(loadConfig({ WHATSAPP_VERSION: '2.3000.1' }).whatsapp.version).toEqual([2, 3000, 1])
  })

  it('names every fault in one message, and no secret', () => {
    const message = refusal({ PORT: 'http', LOG_LEVEL: 'loud', SANDBOX: 'maybe', API_KEY: 'with space', REDIS_URL: 'http://:hunter2@localhost' })
    for (const name of ['PORT', 'LOG_LEVEL', 'SANDBOX', 'API_KEY', 'REDIS_URL']) expect(message).toContain(name)
    expect(message).not.toContain('with space')
    expect(message).not.toContain('hunter2')
  })

  it('keeps the password of Redis apart from where it is', () => {
    const config = loadConfig({ REDIS_URL: 'redis://:hunter2@redis.internal:6380/1', REDIS_PREFIX: 'mine' })
    expect(config).toMatchObject({ redis: { place: 'redis.internal:6380', prefix: 'mine', isUnsafe: false }, secrets: { redisUrl: 'redis://:hunter2@redis.internal:6380/1' } })
    expect(JSON.stringify({ ...config, secrets: null })).not.toContain('hunter2')
    expect(loadConfig({ REDIS_URL: 'unix:/run/redis.sock' }).redis?.place).toBe('/run/redis.sock')
    expect(loadConfig({}).redis).toBeNull()
  })
})
