import { randomBytes } from 'node:crypto'
import { Refusal } from '../refusal.ts'
import { node, now } from '../stanza/node.ts'
import { makeStanzaId } from '../phone/phones.ts'
import { phoneDigits } from '../wire/jid.ts'
import type { World } from '../world/world.ts'
import { personOf } from './people.ts'
import type { Written } from './writing.ts'

const ID_BYTES = 16

/** A person calls an account: it rings on all its companions until the caller ends it or one rejects it. */
export const startCall = (world: World, phone: string, to: string, isVideo: boolean): Written => {
  const caller = personOf(world, phone)
  const callee = world.accounts.byPhone(phoneDigits(to))
  if (!callee) throw new Refusal('NOT_FOUND', 'nobody has the number that is called')
  const id = randomBytes(ID_BYTES).toString('hex').toUpperCase()
  const from = world.accounts.lidOf(caller)
  world.calls.start({ id, from, caller: caller.phone, isVideo, rings: callee.companions.map(({ key }) => key) })
  for (const companion of callee.companions) {
    const offer = node('offer', { 'call-id': id, 'call-creator': from, caller_pn: world.accounts.pn(caller) }, [
      node('audio', { enc: 'opus', rate: '16000' }),
      ...(isVideo ? [node('video', { enc: 'vp8' })] : []),
    ])
    world.delivery.deliver(companion, node('call', { from, id: makeStanzaId(), t: now(), notify: caller.name }, [offer]))
  }
  world.storage.flush()
  return { id }
}

/** The caller gives up, or nobody answered in time. */
export const endCall = (world: World, id: string): void => {
  const call = world.calls.end(id)
  if (!call) throw new Refusal('NOT_FOUND', 'no such call rings')
  for (const key of call.rings) {
    const [lid, number] = key.split(':')
    const account = world.accounts.byLid(lid ?? '')
    const companion = account?.companions.find((candidate) => candidate.id === Number(number))
    if (!companion) continue
    const news = node('terminate', { 'call-id': id, 'call-creator': call.from, reason: 'timeout' })
    world.delivery.deliver(companion, node('call', { from: call.from, id: makeStanzaId(), t: now() }, [news]))
  }
  world.storage.flush()
}
