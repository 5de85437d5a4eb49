import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { samplePng } from '../../src/simulator/samples.ts'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import { linkClient } from '../support/client.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const CARL = '15550100003'

let dataDir = ''
let simulator: Simulator | undefined
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'puente-world-'))
})
afterEach(async () => {
  await simulator?.close()
  await rm(dataDir, { recursive: true, force: true })
})

it('a restart keeps history, settings, groups, pictures and media', async () => {
  const first = await startSimulator({ dataDir })
  first.addContact({ phone: CARL, name: 'Carl', addressing: 'pn' })
  await first.seedHistory(ADA, { chats: 2, messagesPerChat: 5 })
  const ada = await linkClient(first, { phone: ADA, name: 'Ada' })
  const { id: textId } = await first.say(CARL, { to: ADA, type: 'image', text: 'kept' })
  const got = await ada.message(({ key, message }) => key.id === textId && Boolean(message))
  await first.changeChat(ADA, { chat: CARL, archived: true })
  const { id: group } = first.createGroup({ subject: 'Trip', participants: [CARL, ADA] })
  await first.setPicture(CARL, samplePng(8))
  await until(() => first.world.archive.find(first.world.accounts.byPhone(ADA)?.lid ?? '', textId), 'the archive')
  await ada.end()
  await first.close()

  simulator = await startSimulator({ dataDir })
  const owner = simulator.world.accounts.byPhone(ADA)
  const lid = simulator.world.accounts.lidOf(simulator.world.accounts.ensure({ phone: CARL }))
  expect(simulator.world.archive.recent(owner?.lid ?? '', lid).map(({ content }) => content.imageMessage?.caption ?? 'text')).toEqual(['text', 'text', 'text', 'text', 'text', 'kept'])
  expect((await simulator.settingsOf(ADA)).map(({ index }) => index[0])).toEqual(['archive'])
  expect(simulator.manifest().groups).toContainEqual({ id: group, subject: 'Trip', participants: [CARL, ADA] })
  const picture = simulator.world.pictures.get(lid.replace('@lid', ''))
  for (const path of [picture?.directPath, got.message?.imageMessage?.directPath]) {
    expect((await fetch(`${simulator.mediaUrl}${path}`)).status).toBe(200)
  }

  simulator.reset()
  expect(simulator.manifest()).toMatchObject({ accounts: [], contacts: [], groups: [] })
  expect((await fetch(`${simulator.mediaUrl}${picture?.directPath}`)).status).toBe(404)
  expect(await readdir(dataDir)).not.toContain('media')
  simulator.addContact({ phone: CARL, name: 'Carl' })
  await simulator.changeChat(CARL, { chat: ADA, pinned: true })
  expect((await simulator.settingsOf(CARL)).map(({ version, index }) => [version, index[0]])).toEqual([[1, 'pin_v1']])
})
