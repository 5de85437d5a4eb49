import type { GroupMetadata } from '@whiskeysockets/baileys'
import { beforeEach, describe, expect, it } from 'vitest'
import { addMembers, changeMembers } from '../../src/simulator/groups/members.ts'
import { writeFromPhone } from '../../src/simulator/phone/write.ts'
import type { Group } from '../../src/simulator/world/groups.ts'
import type { Client } from '../support/client.ts'
import { jid, useTown } from '../support/town.ts'
import { until } from '../support/wait.ts'

const ADA = '15550100001'
const BOB = '15550100002'
const CARL = '15550100003'
const DORA = '15550100004'

const town = useTown()
const groupOf = (id: string): Group => {
  const group = town.simulator.world.groups.get(id)
  if (group === undefined) throw new Error('There is no such group.')
  return group
}
const textOf = (client: Client, text: string) =>
  client.message((message) => (message.message?.conversation ?? message.message?.extendedTextMessage?.text) === text, `"${text}"`)
const inbox = (phone: string) => town.simulator.world.mailboxes.list(town.account(phone))
const role = (metadata: GroupMetadata, phone: string) => metadata.participants.find(({ id }) => id === town.lid(phone))?.admin

beforeEach(async () => {
  for (const [phone, name] of [[CARL, 'Carl'], [DORA, 'Dora']] as const) town.simulator.world.accounts.ensure({ phone, name })
})

describe('a group', () => {
  it('is made with people and tells them', async () => {
    const ada = await town.link(ADA, 'Ada')
    const bob = await town.link(BOB, 'Bob')
    const made = await ada.sock.groupCreate('Trip', [jid(BOB), jid(CARL)])
    expect(made).toMatchObject({ subject: 'Trip', size: 3, addressingMode: 'lid', owner: town.lid(ADA), ownerPn: jid(ADA) })
    expect(role(made, ADA)).toBe('superadmin')
    const heard = await bob.event('groups.upsert')
    expect(heard[0]).toMatchObject({ id: made.id, subject: 'Trip' })
    await ada.event('groups.upsert')
    const seen = await bob.sock.groupMetadata(made.id)
    expect(seen.participants.map(({ phoneNumber }) => phoneNumber)).toEqual([jid(ADA), jid(BOB), jid(CARL)])
    expect(Object.keys(await bob.sock.groupFetchAllParticipating())).toEqual([made.id])
  })

  it('carries messages to clients and contacts, and receipts back', async () => {
    const ada = await town.link(ADA, 'Ada')
    const bob = await town.link(BOB, 'Bob')
    const { id } = await ada.sock.groupCreate('Trip', [jid(BOB), jid(CARL)])
    for (const text of ['first', 'second']) {
      const sent = await ada.sock.sendMessage(id, { text })
      const got = await textOf(bob, text)
      expect(got.key).toMatchObject({ remoteJid: id, participant: town.lid(ADA), fromMe: false })
      expect(got.key.participantAlt).toBe(jid(ADA))
      await until(() => inbox(CARL).some((message) => message.text === text && message.chat === id), 'the contact to read it')
      // A receipt that overtakes the buffered upsert of the own message is merged into it.
      const receipts = () => [
        ...(ada.events['message-receipt.update'] ?? []).flat().filter(({ key }) => key.id === sent?.key.id).map(({ receipt }) => receipt.userJid),
        ...ada.messages.filter(({ key }) => key.id === sent?.key.id).flatMap(({ userReceipt }) => (userReceipt ?? []).map(({ userJid }) => userJid)),
      ]
      await until(() => receipts().includes(town.lid(BOB)) && receipts().includes(town.lid(CARL)), 'receipts of both')
    }
    const got = await textOf(bob, 'second')
    await bob.sock.sendMessage(id, { react: { text: '👍', key: got.key } })
    const reaction = await ada.event('messages.reaction')
    expect(reaction[0]?.reaction.text).toBe('👍')
    expect(reaction[0]?.key.id).toBe(got.key.id)
  })

  it('carries what contacts write, with a new key when somebody leaves', async () => {
    const ada = await town.link(ADA, 'Ada')
    const bob = await town.link(BOB, 'Bob')
    const { id } = await ada.sock.groupCreate('Trip', [jid(BOB), jid(CARL), jid(DORA)])
    const { world } = town.simulator
    await writeFromPhone(world, town.account(CARL), { to: id, content: { conversation: 'hi all' } })
    expect((await textOf(ada, 'hi all')).pushName).toBe('Carl')
    await textOf(bob, 'hi all')
    await until(() => inbox(DORA).some(({ text }) => text === 'hi all'), 'Dora to read it')
    await writeFromPhone(world, town.account(CARL), { to: id, content: { conversation: 'again' } })
    await textOf(ada, 'again')
    await ada.sock.groupParticipantsUpdate(id, [jid(BOB)], 'remove')
    await writeFromPhone(world, town.account(CARL), { to: id, content: { conversation: 'without Bob' } })
    await textOf(ada, 'without Bob')
    await until(() => inbox(DORA).some(({ text }) => text === 'without Bob'), 'Dora to read on')
    expect(inbox(BOB).some(({ text }) => text === 'without Bob')).toBe(false)
    expect(bob.messages.some(({ message }) => message?.conversation === 'without Bob')).toBe(false)
  })

  it('heals when a client lost its sender keys', async () => {
    const ada = await town.link(ADA, 'Ada')
    const { id } = await ada.sock.groupCreate('Trip', [jid(CARL)])
    const { world } = town.simulator
    await writeFromPhone(world, town.account(CARL), { to: id, content: { conversation: 'one' } })
    await textOf(ada, 'one')
    for (const key of ada.state.keys.keys()) if (key.startsWith('sender-key/')) ada.state.keys.delete(key)
    await writeFromPhone(world, town.account(CARL), { to: id, content: { conversation: 'two' } })
    expect((await textOf(ada, 'two')).pushName).toBe('Carl')
  })

  it('heals when a contact lost its sender keys', async () => {
    const ada = await town.link(ADA, 'Ada')
    const { id } = await ada.sock.groupCreate('Trip', [jid(CARL)])
    await ada.sock.sendMessage(id, { text: 'one' })
    await until(() => inbox(CARL).some(({ text }) => text === 'one'), 'the first message')
    const rows = town.simulator.world.storage.collection('signal-sender-keys')
    for (const key of rows.keys()) if (key.startsWith(`${town.account(CARL).phoneDevice.key}/`)) rows.delete(key)
    await ada.sock.sendMessage(id, { text: 'two' })
    const healed = await until(() => inbox(CARL).find(({ text }) => text === 'two'), 'the second message')
    expect(healed).toMatchObject({ copies: 1, undecryptable: 1 })
  })

  it('changes its members, each with a status', async () => {
    const ada = await town.link(ADA, 'Ada')
    const bob = await town.link(BOB, 'Bob')
    town.simulator.world.accounts.ensure({ phone: '15550100009', registered: false })
    const { id } = await ada.sock.groupCreate('Trip', [jid(CARL)])
    const added = await ada.sock.groupParticipantsUpdate(id, [jid(BOB), jid(CARL), jid('15550100009'), jid('15559999999')], 'add')
    expect(added.map(({ status }) => status)).toEqual(['200', '409', '404', '404'])
    expect((await bob.event('group-participants.update')).action).toBe('add')
    expect((await bob.event('groups.upsert'))[0]?.id).toBe(id)
    expect((await ada.sock.groupParticipantsUpdate(id, [jid(BOB)], 'promote'))[0]?.status).toBe('200')
    expect(role(await bob.sock.groupMetadata(id), BOB)).toBe('admin')
    await ada.event('group-participants.update', ({ action }) => action === 'promote')
    expect((await bob.sock.groupParticipantsUpdate(id, [jid(ADA)], 'demote'))[0]?.status).toBe('405')
    expect((await ada.sock.groupParticipantsUpdate(id, [jid(BOB)], 'demote'))[0]?.status).toBe('200')
    await expect(bob.sock.groupParticipantsUpdate(id, [jid(CARL)], 'remove')).rejects.toMatchObject({ data: 403 })
    expect((await ada.sock.groupParticipantsUpdate(id, [jid(BOB)], 'remove'))[0]?.status).toBe('200')
    await bob.event('group-participants.update', ({ action }) => action === 'remove')
    await expect(bob.sock.groupMetadata(id)).rejects.toMatchObject({ data: 403 })
    await expect(ada.sock.groupMetadata('120363999999999999@g.us')).rejects.toMatchObject({ data: 404 })
  })

  it('is changed by those who may', async () => {
    const ada = await town.link(ADA, 'Ada')
    const bob = await town.link(BOB, 'Bob')
    const { id } = await ada.sock.groupCreate('Trip', [jid(BOB)])
    await bob.sock.groupUpdateSubject(id, 'Journey')
    await ada.event('groups.update', ([update]) => update?.subject === 'Journey')
    await ada.sock.groupUpdateDescription(id, 'Where to?')
    await ada.sock.groupSettingUpdate(id, 'locked')
    await ada.sock.groupSettingUpdate(id, 'announcement')
    await ada.sock.groupMemberAddMode(id, 'admin_add')
    await ada.sock.groupToggleEphemeral(id, 86_400)
    await ada.sock.groupJoinApprovalMode(id, 'on')
    expect(await bob.sock.groupMetadata(id)).toMatchObject({
      subject: 'Journey', subjectOwner: town.lid(BOB), desc: 'Where to?', restrict: true, announce: true, memberAddMode: false,
      ephemeralDuration: 86_400, joinApprovalMode: true,
    })
    await bob.event('groups.update', ([update]) => update?.announce === true)
    await expect(bob.sock.groupUpdateSubject(id, 'No')).rejects.toMatchObject({ data: 403 })
    await expect(bob.sock.groupSettingUpdate(id, 'unlocked')).rejects.toMatchObject({ data: 403 })
    await expect(bob.sock.groupParticipantsUpdate(id, [jid(CARL)], 'add')).rejects.toMatchObject({ data: 403 })
    const silenced = await bob.sock.sendMessage(id, { text: 'may I?' })
    await until(() => bob.statusOf(silenced?.key.id) === 0, 'the refused message')
    await ada.sock.groupUpdateDescription(id)
    for (const setting of ['unlocked', 'not_announcement'] as const) await ada.sock.groupSettingUpdate(id, setting)
    await ada.sock.groupToggleEphemeral(id, 0)
    const after = await bob.sock.groupMetadata(id)
    expect(after).toMatchObject({ restrict: false, announce: false })
    expect([after.desc, after.ephemeralDuration]).toEqual([undefined, undefined])
  })

  it('is joined by link, also where admins decide, and left', async () => {
    const ada = await town.link(ADA, 'Ada')
    const bob = await town.link(BOB, 'Bob')
    const { id } = await ada.sock.groupCreate('Trip', [jid(CARL)])
    const first = await ada.sock.groupInviteCode(id)
    const code = await ada.sock.groupRevokeInvite(id)
    expect(code).not.toBe(first)
    await expect(bob.sock.groupAcceptInvite(String(first))).rejects.toMatchObject({ data: 410 })
    await expect(bob.sock.groupGetInviteInfo('nonsense')).rejects.toMatchObject({ data: 406 })
    expect(await bob.sock.groupGetInviteInfo(String(code))).toMatchObject({ id, subject: 'Trip', size: 2 })
    expect(await bob.sock.groupAcceptInvite(String(code))).toBe(id)
    await ada.event('group-participants.update', ({ action }) => action === 'add')
    await bob.sock.groupLeave(id)
    await ada.event('group-participants.update', ({ action }) => action === 'remove')
    await ada.sock.groupJoinApprovalMode(id, 'on')
    expect(await bob.sock.groupAcceptInvite(String(code))).toBeUndefined()
    const waiting = await ada.sock.groupRequestParticipantsList(id)
    expect(waiting).toMatchObject([{ jid: town.lid(BOB), request_method: 'invite_link' }])
    expect(await ada.sock.groupRequestParticipantsUpdate(id, [town.lid(BOB)], 'approve')).toMatchObject([{ status: '200' }])
    expect((await bob.sock.groupMetadata(id)).size).toBe(3)
    await ada.sock.groupLeave(id)
    expect((await bob.sock.groupMetadata(id)).participants.some(({ admin }) => admin !== null)).toBe(true)
  })

  it('is changed by contacts, too', async () => {
    const ada = await town.link(ADA, 'Ada')
    const { world } = town.simulator
    const { id } = await ada.sock.groupCreate('Trip', [jid(CARL)])
    expect(addMembers(world, groupOf(id), town.account(CARL), [town.account(DORA)])).toMatchObject([{ account: town.account(DORA) }])
    const heard = await ada.event('group-participants.update', ({ action }) => action === 'add')
    expect(heard.participants[0]?.id).toBe(town.lid(DORA))
    expect(changeMembers(world, groupOf(id), town.account(CARL), 'remove', [town.account(DORA)])).toMatchObject({ code: 403 })
  })

  it('is told to a client that was away', async () => {
    const ada = await town.link(ADA, 'Ada')
    const bob = await town.link(BOB, 'Bob')
    const { id } = await ada.sock.groupCreate('Trip', [jid(BOB)])
    await bob.event('groups.upsert')
    await bob.sock.end(undefined)
    await ada.sock.groupUpdateSubject(id, 'Journey')
    await ada.sock.sendMessage(id, { text: 'while you were away' })
    bob.connect()
    await bob.event('groups.update', ([update]) => update?.subject === 'Journey')
    expect((await textOf(bob, 'while you were away')).key.remoteJid).toBe(id)
  })
})

it('a story goes to those its writer chose', async () => {
  const ada = await town.link(ADA, 'Ada')
  await ada.sock.sendMessage('status@broadcast', { text: 'my day' }, { statusJidList: [jid(CARL)] })
  await until(() => inbox(CARL).some(({ text, chat }) => text === 'my day' && chat === 'status@broadcast'), 'the story')
  expect(inbox(DORA)).toEqual([])
})

it('a client that is linked later learns the groups its account is in', async () => {
  const { id } = town.simulator.createGroup({ subject: 'Old friends', participants: [CARL, ADA] })
  const ada = await town.link(ADA, 'Ada')
  const [known] = await ada.event('groups.update', ([update]) => update?.id === id)
  expect(known).toMatchObject({ subject: 'Old friends', size: 2, owner: town.lid(CARL) })
})
