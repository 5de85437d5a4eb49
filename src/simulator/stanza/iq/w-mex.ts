import { child, node, result } from '../node.ts'
import type { IqHandler } from './index.ts'

/** Queries by WhatsApp's numbers: the account's restrictions and its allowance of new chats. */
const answers: Record<string, object> = {
  // fetchAccountReachoutTimelock
  '23983697327930364': { xwa2_fetch_account_reachout_timelock: { is_active: false, time_enforcement_ends: '0' } },
  // fetchNewChatMessageCap
  '24503548349331633': { xwa2_message_capping_info: { total_quota: 0, used_quota: 0, capping_status: 'NONE' } },
}

/** `w:mex`: GraphQL over iq. What is not named here is loud. */
export const answerMex: IqHandler = (_context, iq) => {
  const data = answers[child(iq, 'query')?.attrs['query_id'] ?? '']
  return data && result(iq, [node('result', {}, Buffer.from(JSON.stringify({ data })))])
}
