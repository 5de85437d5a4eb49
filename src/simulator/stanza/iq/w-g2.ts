import type { Account } from '../../world/accounts.ts'
import type { Group } from '../../world/groups.ts'
import { groupByInvite, joinByInvite, joinPersonally, revokeInvite, revokePersonalInvite } from '../../groups/invites.ts'
import { addMembers, changeMembers, decideRequests, leaveGroup } from '../../groups/members.ts'
import type { MemberOutcome } from '../../groups/members.ts'
import { addressOf, groupNode, participantNode } from '../../groups/nodes.ts'
import { BAD_REQUEST, FORBIDDEN, NOT_FOUND, refusalFor } from '../../groups/rules.ts'
import type { GroupRefusal } from '../../groups/rules.ts'
import { changeGroup, createGroup, setDescription, setSubject } from '../../groups/settings.ts'
import type { GroupChange } from '../../groups/settings.ts'
import { groupJid, parseJid } from '../../wire/jid.ts'
import type { StanzaContext } from '../index.ts'
import { child, children, failure, node, result, text } from '../node.ts'
import type { BinaryNode } from '../node.ts'
import type { IqHandler } from './index.ts'

type Answer = BinaryNode[] | GroupRefusal | undefined
type Deed = (context: StanzaContext, group: Group, request: BinaryNode) => Answer
type LobbyDeed = (context: StanzaContext, request: BinaryNode) => Answer

const isRefusal = (value: object | undefined): value is GroupRefusal => value !== undefined && 'words' in value

/** People named by `<participant jid/>`; addresses that nobody has are kept apart. */
const peopleOf = (context: StanzaContext, request: BinaryNode): { known: Account[]; unknown: string[] } => {
  const jids = children(request, 'participant').map(({ attrs }) => attrs['jid'] ?? '')
  const known = new Map<string, Account>()
  const unknown: string[] = []
  for (const jid of jids) {
    const account = context.world.accounts.byJid(jid)
    if (account === undefined) unknown.push(jid)
    else known.set(account.lid, account)
  }
  return { known: [...known.values()], unknown }
}

const outcomeNodes = ({ world, connection }: StanzaContext, outcomes: readonly MemberOutcome[], unknown: readonly string[]): BinaryNode[] => [
  ...outcomes.map(({ account, error, invite }) =>
    participantNode(world.accounts, account.lid, connection.addressing, { error }, invite && [
      node('add_request', { code: invite.code, expiration: String(invite.expiresAt) }),
    ])).filter((participant) => participant !== undefined),
  ...unknown.map((jid) => node('participant', { jid, error: '404' })),
]

const nothing = (refusal: GroupRefusal | undefined): Answer => refusal ?? []
const toggle = (change: GroupChange): Deed => ({ world, account }, group) => nothing(changeGroup(world, group, account, change))

const setMembers = (tag: 'add' | 'remove' | 'promote' | 'demote'): Deed => (context, group, request) => {
  const { world, account } = context
  const { known, unknown } = peopleOf(context, request)
  const isLeaving = tag === 'remove' && known.length === 1 && known[0]?.lid === account.lid
  if (isLeaving) leaveGroup(world, group, account)
  const outcomes = isLeaving ? [{ account }]
    : tag === 'add' ? addMembers(world, group, account, known) : changeMembers(world, group, account, tag, known)
  return isRefusal(outcomes) ? outcomes : [node(tag, {}, outcomeNodes(context, outcomes, unknown))]
}

/** `set` on one group, by the tag of the request. */
const SET: Record<string, Deed> = {
  add: setMembers('add'),
  remove: setMembers('remove'),
  promote: setMembers('promote'),
  demote: setMembers('demote'),
  subject: ({ world, account }, group, request) => nothing(setSubject(world, group, account, text(request))),
  description: ({ world, account }, group, request) => nothing(setDescription(world, group, account, {
    text: request.attrs['delete'] === 'true' ? undefined : text(child(request, 'body')),
    id: request.attrs['id'],
    previousId: request.attrs['prev'],
  })),
  announcement: toggle({ announce: true }),
  not_announcement: toggle({ announce: false }),
  locked: toggle({ locked: true }),
  unlocked: toggle({ locked: false }),
  not_ephemeral: toggle({ ephemeralSeconds: 0 }),
  ephemeral: ({ world, account }, group, request) =>
    nothing(changeGroup(world, group, account, { ephemeralSeconds: Number(request.attrs['expiration'] ?? 0) })),
  member_add_mode: ({ world, account }, group, request) => {
    const mode = text(request)
    if (mode !== 'admin_add' && mode !== 'all_member_add') return BAD_REQUEST
    return nothing(changeGroup(world, group, account, { memberAddMode: mode }))
  },
  membership_approval_mode: ({ world, account }, group, request) =>
    nothing(changeGroup(world, group, account, { joinApproval: child(request, 'group_join')?.attrs['state'] === 'on' })),
  membership_requests_action: (context, group, request) => {
    const verdict = child(request, 'approve') ?? child(request, 'reject')
    if (verdict === undefined) return BAD_REQUEST
    const { known, unknown } = peopleOf(context, verdict)
    const outcomes = decideRequests(context.world, group, context.account, verdict.tag === 'approve' ? 'approve' : 'reject', known)
    if (isRefusal(outcomes)) return outcomes
    return [node('membership_requests_action', {}, [node(verdict.tag, {}, outcomeNodes(context, outcomes, unknown))])]
  },
  invite: ({ world, account }, group) => revokeInvite(world, group, account) ?? [node('invite', { code: group.inviteCode })],
  revoke: (context, group, request) => {
    for (const invited of peopleOf(context, request).known) {
      const refusal = revokePersonalInvite(context.world, group, context.account, invited)
      if (refusal) return refusal
    }
    return []
  },
}

/** `get` on one group, by the tag of the request. */
const GET: Record<string, Deed> = {
  query: ({ world, connection }, group) => [groupNode(world.accounts, group, connection.addressing)],
  invite: ({ account }, group) => refusalFor(group, account.lid, 'link') ?? [node('invite', { code: group.inviteCode })],
  membership_approval_requests: ({ world, account, connection }, group) => refusalFor(group, account.lid, 'govern') ?? [
    node('membership_approval_requests', {}, group.requests.flatMap((request) => {
      const asker = world.accounts.byLid(request.lid)
      return asker === undefined ? [] : [node('membership_approval_request', {
        jid: addressOf(world.accounts, asker, connection.addressing),
        phone_number: world.accounts.pn(asker),
        request_method: request.method,
        request_time: String(request.at),
      })]
    })),
  ],
}

/** Requests to the group server as a whole, `@g.us`. */
const LOBBY: Record<string, LobbyDeed> = {
  'get participating': ({ world, account, connection }) => [
    node('groups', {}, world.groups.of(account.lid).map((group) => groupNode(world.accounts, group, connection.addressing))),
  ],
  'get invite': ({ world, connection }, request) => {
    const group = groupByInvite(world, request.attrs['code'] ?? '')
    return isRefusal(group) ? group : [groupNode(world.accounts, group, connection.addressing, 'invited')]
  },
  'set invite': ({ world, account, connection }, request) => {
    const joined = joinByInvite(world, account, request.attrs['code'] ?? '')
    if (isRefusal(joined)) return joined
    if (joined.joined) return [node('group', { jid: groupJid(joined.group.id) })]
    return [node('membership_approval_request', { jid: addressOf(world.accounts, account, connection.addressing) })]
  },
  'set leave': ({ world, account }, request) => [
    node('leave', {}, children(request, 'group').map(({ attrs }) => {
      const group = world.groups.get(attrs['id'])
      const error = group === undefined ? '404' : group.members.has(account.lid) ? undefined : '403'
      if (group !== undefined && error === undefined) leaveGroup(world, group, account)
      return node('group', { id: attrs['id'], error })
    })),
  ],
  'set create': (context, request) => {
    const { known, unknown } = peopleOf(context, request)
    const made = createGroup(context.world, context.account, request.attrs['subject'] ?? '', known, request.attrs['key'])
    if (isRefusal(made)) return made
    const answer = groupNode(context.world.accounts, made.group, context.connection.addressing)
    const failed = outcomeNodes(context, made.outcomes.filter(({ error }) => error !== undefined), unknown)
    return [{ ...answer, content: [...children(answer), ...failed] }]
  },
}

const answerGroup = (context: StanzaContext, iq: BinaryNode, request: BinaryNode): Answer => {
  const { world, account } = context
  const deed = (iq.attrs['type'] === 'get' ? GET : SET)[request.tag]
  const group = world.groups.get(iq.attrs['to'])
  if (request.tag === 'accept') {
    const admin = world.accounts.byJid(request.attrs['admin'])
    if (group === undefined || admin === undefined) return NOT_FOUND
    return nothing(joinPersonally(world, group, account, admin, request.attrs['code'] ?? ''))
  }
  if (deed === undefined) return undefined
  if (group === undefined) return NOT_FOUND
  // Who is not inside learns nothing and changes nothing.
  return group.members.has(account.lid) ? deed(context, group, request) : FORBIDDEN
}

/** `w:g2`: groups. A request that is not in the tables above is loud. */
export const answerGroups: IqHandler = (context, iq) => {
  const request = children(iq)[0]
  if (request === undefined) return undefined
  const answer = parseJid(iq.attrs['to']) === undefined
    ? LOBBY[`${iq.attrs['type']} ${request.tag}`]?.(context, request)
    : answerGroup(context, iq, request)
  if (answer === undefined) return undefined
  return isRefusal(answer) ? failure(iq, answer.code, answer.words) : result(iq, answer.length > 0 ? answer : undefined)
}
