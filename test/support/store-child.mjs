// Writes commits of two rows each for ever and tells each one that is durable; it is there to be killed.
import { writeSync } from 'node:fs'

const [, , openPath, dataDir, from] = process.argv
const { openStore } = await import(openPath)
const store = await openStore({ mode: 'live', dataDir })
let number = Number(from)
const write = async () => {
  for (;;) {
    const mine = ++number
    await store.commit('s', [
      { kind: 'auth.put', keys: [{ type: 'n', id: String(mine), value: `value ${mine}` }] },
      { kind: 'outbox.put', id: String(mine), chatId: 'c', content: '{}', expiresAt: 2, acceptedAt: 1 },
    ])
    writeSync(1, `${mine}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, write))
