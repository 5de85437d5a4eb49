import { describe, expect, it } from 'vitest'
import { identityOf } from '../../src/events/domain.ts'
import { toDomainEvents } from '../../src/whatsapp/inbound/index.ts'
import { contextOf, payloadOf, readGolden } from '../whatsapp/inbound/golden.ts'

const identitiesOf = (name: string): (string | null)[] => {
  const golden = readGolden(name)
  return toDomainEvents(golden.event, payloadOf(golden), contextOf(golden)).map(identityOf)
}

describe('the identity of a fact', () => {
  it.each([['edit', 'edit-update'], ['edit', 'edit-bare'], ['revoke', 'revoke-update'], ['reaction', 'reaction-update']])('%s and %s are one', (one, other) => {
    expect(identitiesOf(one)).toEqual(identitiesOf(other))
    expect(identitiesOf(one)).not.toContain(null)
  })

  it('is another for another author of the same id', () => {
    expect(identitiesOf('message-id-reused')).not.toEqual(identitiesOf('message-group'))
  })

  it('keeps a message apart from the note that it could not be read', () => {
    expect(identitiesOf('message-undecryptable')).not.toEqual(identitiesOf('content-text'))
  })

  it('is none for what is only so now', () => {
    expect(identitiesOf('presence')).toEqual([null])
    expect(identitiesOf('chats-update-read')).toEqual([null, null])
  })
})
