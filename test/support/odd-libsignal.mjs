import { createRequire } from 'node:module'

// A libsignal that spells its session records another way than the one the guard knows.
const fromBaileys = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys/package.json'))
const SessionRecord = fromBaileys('libsignal').SessionRecord
const { deserialize } = SessionRecord
const { serialize } = SessionRecord.prototype

SessionRecord.prototype.serialize = function () {
  const { _sessions: chains, ...rest } = serialize.call(this)
  return { ...rest, chains }
}
SessionRecord.deserialize = ({ chains, ...rest }) => deserialize.call(SessionRecord, { ...rest, _sessions: chains })
