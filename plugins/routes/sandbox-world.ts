import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ref } from '../../schemas/ref.ts'
import { SandboxGroup, SandboxWritten } from '../../schemas/sandbox.ts'
import {
  SandboxAccountParams, SandboxChatChange, SandboxDeviceParams, SandboxFault, SandboxGroupChange, SandboxGroupParams, SandboxHistory, SandboxHistoryMade, SandboxMembership, SandboxMembershipOutcome,
  SandboxNewFault, SandboxNewGroup, SandboxSetting,
} from '../../schemas/sandbox-world.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { simulatorOf } from './sandbox-simulator.ts'

const toFault = ({ account, times, seed, chance, code, xmlns, delayMs, ...fault }: ReturnType<Simulator['addFault']>): SandboxFault => ({
  ...fault,
  account: account ?? null,
  times: times ?? 1,
  seed: seed ?? 1,
  chance: chance ?? 1,
  code: code ?? null,
  xmlns: xmlns ?? null,
  delayMs: delayMs ?? null,
})

/** Groups, history and faults of the simulated WhatsApp. */
export const sandboxWorldRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const schema = { tags: ['Sandbox'], errors: ['SANDBOX_OFF', 'SANDBOX_TARGET_NOT_FOUND'] as const }

  app.post('/sandbox/groups', {
    schema: {
      ...schema, operationId: 'createSandboxGroup', summary: 'Make a group', description: 'The first participant creates the group and is its admin; unknown phones become contacts at once.',
      body: ref(SandboxNewGroup), response: { 201: { ...ref(SandboxWritten), description: 'The group exists, and its members know.' } },
    },
  }, async ({ body }, reply) => reply.code(201).send(simulatorOf(app).createGroup(body)))

  app.patch('/sandbox/groups/:group_id', {
    schema: {
      ...schema, operationId: 'updateSandboxGroup', summary: 'Change a group', description: 'One of its members changes subject, description or settings, as far as the group lets it.',
      params: SandboxGroupParams, body: ref(SandboxGroupChange), response: { 200: ref(SandboxGroup) },
    },
  }, async ({ params, body }) => simulatorOf(app).editGroup(params.group_id, body))

  app.post('/sandbox/groups/:group_id/participants', {
    schema: {
      ...schema, operationId: 'changeSandboxGroupMembers', summary: "Change a group's members", description: 'One of its members adds, removes, promotes or demotes people; each has an outcome of their own.',
      params: SandboxGroupParams, body: ref(SandboxMembership), response: { 200: Type.Array(ref(SandboxMembershipOutcome)) },
    },
  }, async ({ params, body }) => simulatorOf(app).changeMembers(params.group_id, body))

  app.post('/sandbox/history', {
    schema: {
      ...schema, operationId: 'seedSandboxHistory', summary: 'Invent a past', description: 'Gives an account chats with contacts and groups. Clients that are linked get it at once, others when they link.',
      body: ref(SandboxHistory), response: { 201: { ...ref(SandboxHistoryMade), description: 'The past exists, and linked clients have been told.' } },
    },
  }, async ({ body: { account, ...seed } }, reply) => reply.code(201).send(await simulatorOf(app).seedHistory(account, seed)))

  app.post('/sandbox/accounts/:phone/chats', {
    schema: {
      ...schema, operationId: 'changeSandboxChat', summary: 'Let an account change a chat', description: "The account's owner archives, pins, mutes, reads, names or deletes a chat on the phone; linked clients hear of it.",
      params: SandboxAccountParams, body: ref(SandboxChatChange), response: { 204: Type.Null({ description: 'Done.' }) },
    },
  }, async ({ params, body: { mutedUntil, ...change } }, reply) => {
    const until = mutedUntil === undefined ? {} : { mutedUntil: mutedUntil === null ? null : Date.parse(mutedUntil) }
    await simulatorOf(app).changeChat(params.phone, { ...change, ...until })
    return reply.code(204).send(null)
  })

  app.get('/sandbox/accounts/:phone/settings', {
    schema: {
      ...schema, operationId: 'listSandboxSettings', summary: "Read an account's settings", description: 'What clients and the phone wrote into the synchronised settings (app state), in order within each collection.',
      params: SandboxAccountParams, response: { 200: Type.Array(ref(SandboxSetting)) },
    },
  }, async ({ params }) => simulatorOf(app).settingsOf(params.phone))

  app.delete('/sandbox/accounts/:phone/devices/:device_id', {
    schema: {
      ...schema, operationId: 'unlinkSandboxDevice', summary: 'Unlink a device', description: "The account's owner removes a linked device on the phone; its client is told so.",
      params: SandboxDeviceParams, response: { 204: Type.Null({ description: 'The device is linked no more.' }) },
    },
  }, async ({ params }, reply) => {
    simulatorOf(app).unlink(params.phone, params.device_id)
    return reply.code(204).send(null)
  })

  app.post('/sandbox/faults', {
    schema: {
      ...schema, operationId: 'addSandboxFault', summary: 'Arm a fault', description: 'Something that goes wrong on purpose. With a seed, random faults repeat exactly.',
      body: ref(SandboxNewFault), response: { 201: { ...ref(SandboxFault), description: 'The fault is armed.' } },
      requestExamples: {
        drop: { summary: 'Cut the connection once', value: { kind: 'drop' } },
        streamError: { summary: 'A stream error', value: { kind: 'streamError', code: 503 } },
        ackError: { summary: 'Refuse the next three messages', value: { kind: 'ackError', code: 479, times: 3 } },
      },
    },
  }, async ({ body }, reply) => reply.code(201).send(toFault(simulatorOf(app).addFault(body))))

  app.get('/sandbox/faults', {
    schema: {
      ...schema, operationId: 'listSandboxFaults', summary: 'List faults', description: 'The faults that are or were armed, and how often each has struck.',
      response: { 200: Type.Array(ref(SandboxFault)) },
    },
  }, async () => simulatorOf(app).faults().map(toFault))

  app.delete('/sandbox/faults', {
    schema: {
      ...schema, operationId: 'clearSandboxFaults', summary: 'Clear faults', description: 'Disarms all faults.',
      response: { 204: Type.Null({ description: 'No fault is armed.' }) },
    },
  }, async (_request, reply) => {
    simulatorOf(app).clearFaults()
    return reply.code(204).send(null)
  })
}
