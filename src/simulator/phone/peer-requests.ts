import { proto } from '@whiskeysockets/baileys'
import { node } from '../stanza/node.ts'
import type { Account, Companion } from '../world/accounts.ts'
import type { World } from '../world/world.ts'
import { sendOlder } from './history.ts'
import { toWebMessage, wireChat } from './history-payload.ts'
import { sendPeer } from './phones.ts'

const { HISTORY_SYNC_ON_DEMAND, PLACEHOLDER_MESSAGE_RESEND } = proto.Message.PeerDataOperationRequestType
const { PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE, APP_STATE_SYNC_KEY_REQUEST } = proto.Message.ProtocolMessage.Type

const resend = async (
  world: World,
  account: Account,
  companion: Companion,
  requestId: string,
  keys: readonly proto.IMessageKey[],
): Promise<void> => {
  const found = keys.flatMap((key) => {
    const kept = world.archive.find(account.lid, key.id ?? '')
    if (kept === undefined) return []
    const message = toWebMessage(world, key.remoteJid ?? wireChat(world, kept.chat).id, kept.message)
    return [{ placeholderMessageResendResponse: { webMessageInfoBytes: proto.WebMessageInfo.encode(message).finish() } }]
  })
  await sendPeer(world, account, companion, {
    protocolMessage: {
      type: PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        peerDataOperationRequestType: PLACEHOLDER_MESSAGE_RESEND,
        stanzaId: requestId,
        peerDataOperationResult: found,
      },
    },
  })
}

/** Answers what a companion asks of its own phone; what nobody here names is loud. */
export const answerPeerRequest = async (
  world: World,
  account: Account,
  companion: Companion,
  requestId: string,
  content: proto.IMessage,
): Promise<void> => {
  // Clients wrap it as they wrap copies for their own devices.
  const protocol = (content.deviceSentMessage?.message ?? content).protocolMessage
  if (protocol?.type === APP_STATE_SYNC_KEY_REQUEST) {
    await sendPeer(world, account, companion, world.appState.keyShare(account))
    return
  }
  const asked = protocol?.peerDataOperationRequestMessage
  if (asked?.peerDataOperationRequestType === HISTORY_SYNC_ON_DEMAND && asked.historySyncOnDemandRequest) {
    await sendOlder(world, account, companion, requestId, asked.historySyncOnDemandRequest)
  } else if (asked?.peerDataOperationRequestType === PLACEHOLDER_MESSAGE_RESEND) {
    const keys = (asked.placeholderMessageResendRequest ?? []).map(({ messageKey }) => messageKey).filter((key) => key !== null && key !== undefined)
    await resend(world, account, companion, requestId, keys)
  } else {
    const kind = asked?.peerDataOperationRequestType ?? protocol?.type ?? Object.keys(content).join(' ')
    world.unknown.report(`peer message ${kind}`, node('message', { category: 'peer' }))
  }
}
