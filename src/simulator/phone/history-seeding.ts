import type { Account } from '../world/accounts.ts'
import { nowSeconds } from '../world/groups.ts'
import type { World } from '../world/world.ts'
import { pushHistory } from './history.ts'

/** How much past to invent. */
export type HistorySeed = {
  chats: number
  messagesPerChat: number
  /** Messages before those, which the phone gives out on demand only (default 50). */
  olderPerChat?: number | undefined
}

/** What was invented: the chats as `<lid>@lid` or `<id>@g.us`, and how many messages a link brings. */
export type SeededHistory = { chats: string[]; messages: number }

const DEFAULT_OLDER = 50
const SECONDS_BETWEEN_CHATS = 900
// Every tenth chat is a group, from the third on.
const GROUP_EVERY = 10
const FIRST_GROUP = 2
const GROUP_SIZE = 4
const MAX_UNREAD = 4
// Spanish mobile numbers that nobody has typed in.
const FIRST_INVENTED_PHONE = 34_611_000_001n
const NAMES = ['Ana', 'Bruno', 'Carmen', 'Diego', 'Elena', 'Felipe', 'Gloria', 'Hugo', 'Ines', 'Javier', 'Laura', 'Mateo', 'Nuria', 'Pablo']
const SURNAMES = ['Alonso', 'Blanco', 'Castro', 'Duran', 'Ferrer', 'Gil', 'Herrera', 'Molina', 'Navarro', 'Ortega', 'Prieto', 'Rubio', 'Soler']

const inventPeople = function* (world: World): Generator<Account, never> {
  for (let number = 0; ; number++) {
    const phone = (FIRST_INVENTED_PHONE + BigInt(number)).toString()
    if (world.accounts.byPhone(phone) !== undefined) continue
    yield world.accounts.ensure({ phone, name: `${NAMES[number % NAMES.length]} ${SURNAMES[number % SURNAMES.length]}` })
  }
}

/** People of this world the owner has no past with, and then ever new ones. */
const strangers = function* (world: World, owner: Account, known: ReadonlySet<string>): Generator<Account, never> {
  for (const account of world.accounts.list()) {
    if (account !== owner && !account.isOwner && account.registered && !known.has(world.accounts.lidOf(account))) yield account
  }
  return yield* inventPeople(world)
}

const take = <T>(source: Generator<T, never>, count: number): T[] => Array.from({ length: count }, () => source.next().value)

/** Gives an account a past, and brings it to the clients that are linked already. */
export const seedHistory = async (world: World, owner: Account, seed: HistorySeed): Promise<SeededHistory> => {
  const people = strangers(world, owner, new Set(world.archive.chats(owner.lid)))
  const now = nowSeconds()
  const chats: string[] = []
  for (let number = 0; number < seed.chats; number++) {
    const isGroup = number % GROUP_EVERY === FIRST_GROUP
    const others = take(people, isGroup ? GROUP_SIZE : 1)
    const [first] = others
    if (first === undefined) break
    let chat = world.accounts.lidOf(first)
    if (isGroup) {
      const group = world.groups.create(`Group ${number + 1}`, first.lid)
      for (const { lid } of [...others, owner]) group.members.set(lid, lid === first.lid ? 'superadmin' : 'member')
      world.groups.save(group)
      chat = `${group.id}@g.us`
    }
    world.archive.seed({
      owner: owner.lid,
      chat,
      speakers: others.map(({ lid }) => lid),
      recent: seed.messagesPerChat,
      older: seed.olderPerChat ?? DEFAULT_OLDER,
      unread: Math.min(number % (MAX_UNREAD + 1), seed.messagesPerChat),
      newestAt: now - number * SECONDS_BETWEEN_CHATS - 60,
    })
    chats.push(chat)
  }
  await pushHistory(world, owner, chats)
  return { chats, messages: seed.chats * seed.messagesPerChat }
}
