import { expect, it } from 'vitest'
import { samplePng } from '../../src/simulator/samples.ts'
import { changePicture } from '../../src/simulator/profile-pictures.ts'
import { jid, useTown } from '../support/town.ts'

const ADA = '15550100001'
const BOB = '15550100002'
const CARL = '15550100003'

const town = useTown()
const download = async (url: string): Promise<Buffer> => {
  const answer = await fetch(url.replace('https://mmg.whatsapp.net', town.simulator.mediaUrl))
  expect(answer.status).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}

it('a contact\'s picture is seen, changes and goes', async () => {
  const carl = town.simulator.world.accounts.ensure({ phone: CARL, name: 'Carl' })
  const ada = await town.link(ADA, 'Ada')
  await town.simulator.say(CARL, { to: ADA, type: 'text', text: 'hi' })
  await ada.message(({ message }) => message?.conversation === 'hi')
  await expect(ada.sock.profilePictureUrl(jid(CARL), 'image')).rejects.toMatchObject({ data: 404 })
  const image = samplePng(8)
  await changePicture(town.simulator.world, carl, image)
  await ada.event('contacts.update', (updates) => updates.some(({ imgUrl }) => imgUrl === 'changed'))
  const url = await ada.sock.profilePictureUrl(jid(CARL), 'image')
  expect((await download(String(url))).equals(image)).toBe(true)
  await changePicture(town.simulator.world, carl, undefined)
  await ada.event('contacts.update', (updates) => updates.some(({ imgUrl }) => imgUrl === 'removed'))
  await expect(ada.sock.profilePictureUrl(jid(CARL), 'image')).rejects.toMatchObject({ data: 404 })
})

it('a client changes its own picture and that of a group', async () => {
  const ada = await town.link(ADA, 'Ada')
  const bob = await town.link(BOB, 'Bob')
  await ada.sock.updateProfilePicture(jid(ADA), samplePng(64))
  const [first, second] = (await download(String(await ada.sock.profilePictureUrl(jid(ADA), 'image')))).subarray(0, 2)
  expect([first, second]).toEqual([0xff, 0xd8])
  const { id } = await ada.sock.groupCreate('Trip', [jid(BOB)])
  await ada.sock.updateProfilePicture(id, samplePng(64))
  await bob.event('contacts.update', ([update]) => update?.id === id && update.imgUrl === 'changed')
  expect(await bob.sock.profilePictureUrl(id)).toMatch(/^https:\/\/mmg\.whatsapp\.net\/v\//)
  await ada.sock.groupSettingUpdate(id, 'locked')
  await expect(bob.sock.removeProfilePicture(id)).rejects.toMatchObject({ data: 403 })
  await ada.sock.removeProfilePicture(id)
  await ada.sock.removeProfilePicture(jid(ADA))
  await expect(ada.sock.profilePictureUrl(jid(ADA), 'image')).rejects.toMatchObject({ data: 404 })
})
