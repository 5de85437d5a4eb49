import { downloadMediaMessage, type WAMessage } from '@whiskeysockets/baileys'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { SAMPLES } from '../../src/simulator/samples.ts'
import { mediaOptions } from '../support/client.ts'
import { useTown } from '../support/town.ts'

const ADA = '15550100001'
const CARL = '15550100003'

const town = useTown()
const download = async (message: WAMessage): Promise<Buffer> =>
  downloadMediaMessage(message, 'buffer', { options: mediaOptions(town.simulator.mediaUrl).options ?? {} }, {
    logger: pino({ level: 'silent' }), reuploadRequest: async () => message,
  })

it.each(['image', 'video', 'gif', 'videoNote', 'audio', 'voice', 'document', 'sticker'] as const)('a contact sends a %s that can be downloaded', async (type) => {
  const ada = await town.link(ADA, 'Ada')
  const { id } = await town.simulator.say(CARL, { to: ADA, type })
  const got = await ada.message(({ key, message }) => key.id === id && Boolean(message))
  const kind = type === 'gif' || type === 'videoNote' ? 'video' : type === 'voice' ? 'audio' : type
  expect((await download(got)).equals(SAMPLES[kind]().bytes)).toBe(true)
})

it('the phone uploads again what is gone', async () => {
  const ada = await town.link(ADA, 'Ada')
  const { id } = await town.simulator.say(CARL, { to: ADA, type: 'image', text: 'look' })
  const got = await ada.message(({ key, message }) => key.id === id && Boolean(message))
  town.simulator.addFault({ kind: 'mediaGone' })
  for (let round = 0; round < 2; round++) await expect(download(got)).rejects.toMatchObject({ output: { statusCode: 404 } })
  const renewed = await ada.sock.updateMediaMessage(got)
  expect((await download(renewed)).equals(SAMPLES.image().bytes)).toBe(true)
})

it('the phone says so when it has no such message', async () => {
  const ada = await town.link(ADA, 'Ada')
  const { id } = await town.simulator.say(CARL, { to: ADA, type: 'image' })
  const got = await ada.message(({ key, message }) => key.id === id && Boolean(message))
  await expect(ada.sock.updateMediaMessage({ ...got, key: { ...got.key, id: 'NONE0001' } })).rejects.toMatchObject({ output: { statusCode: 404 } })
})
