import type { FastifyInstance } from 'fastify'
import { Problem } from '../../src/errors.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'

/** The simulator in this process that the routes under /sandbox act on; SANDBOX_OFF without one. */
export const simulatorOf = (app: FastifyInstance): Simulator => {
  const simulator = app.simulator?.simulator
  if (!simulator) throw new Problem('SANDBOX_OFF', 'This gateway speaks to WhatsApp itself; set SANDBOX to try it without a phone.')
  return simulator
}
