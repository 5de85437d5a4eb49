import { BufferJSON, initAuthCreds, type AuthenticationCreds } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { StoreFailed } from '../../src/store/faults.ts'
import { openMemory } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { CredentialsMissing, loadAuthState } from '../../src/whatsapp/auth-state.ts'
import { writeBehind } from '../../src/whatsapp/guard/write-behind.ts'

const put = (store: Store, type: string, id: string, value: unknown) => store.commit('s', [{ kind: 'auth.put', keys: [{ type, id, value: JSON.stringify(value, BufferJSON.replacer) }] }])
const load = (store: Store, linked: boolean) => loadAuthState(store, 's', linked, writeBehind(store, 's', (error) => { throw error }))

describe('loadAuthState', () => {
  it('makes a new identity for a session that was never linked', async () => {
    const store = openMemory()
    const { creds } = await load(store, false)
    expect(creds.me).toBeUndefined()
    expect((await load(store, false)).creds.signedIdentityKey.private).not.toEqual(creds.signedIdentityKey.private)
  })

  it('never makes one for a linked session', async () => {
    await expect(load(openMemory(), true)).rejects.toThrow(CredentialsMissing)
  })

  it('takes no failure of the store for an absence', async () => {
    const memory = openMemory()
    const broken: Store = { ...memory, auth: { ...memory.auth, get: () => Promise.reject(new StoreFailed('The disk fails on purpose.')) } }
    for (const linked of [false, true]) await expect(load(broken, linked)).rejects.toThrow(StoreFailed)
  })

  it('gives what was saved', async () => {
    const store = openMemory()
    const { creds, saveCreds } = await load(store, false)
    saveCreds()
    expect((await load(store, true)).creds).toEqual(creds)
  })

  it.each<[string, Partial<AuthenticationCreds>, number[], number]>([
    ['when the keys are newer than the credentials', { nextPreKeyId: 5 }, [3, 4, 5, 12], 13],
    ['when ids have more digits', { nextPreKeyId: 5 }, [9, 10], 11],
    ['which the credentials know better', { nextPreKeyId: 31 }, [3, 30], 31],
    ['without keys', { nextPreKeyId: 5 }, [], 5],
  ])('uses no pre-key id again, %s', async (_, older, ids, next) => {
    const store = openMemory()
    await put(store, 'creds', '', { ...initAuthCreds(), ...older })
    for (const id of ids) await put(store, 'pre-key', String(id), { public: Buffer.alloc(32), private: Buffer.alloc(32) })
    expect((await load(store, true)).creds.nextPreKeyId).toBe(next)
  })
})
