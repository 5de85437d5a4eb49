import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Sandbox } from '../config.ts'
import type { Log } from '../log.ts'
import { startSimulator, type Simulator } from '../simulator/simulator.ts'
import { controlPlane, type ControlPlane } from './control-plane.ts'

/** The simulated WhatsApp this gateway speaks to, in place of the real one. */
export interface SandboxLink {
  readonly wsUrl: string
  readonly mediaUrl: string
  /** 32 bytes. */
  readonly rootKey: Uint8Array
  /** When it lives in this process. */
  readonly simulator: Simulator | null
  /** When it runs alone elsewhere. */
  readonly control: ControlPlane | null
  readonly controlUrl: string | null
  close(): Promise<void>
}

/** Thrown when the simulator that the configuration names cannot be used. */
export class SandboxUnusable extends Error {
  constructor(controlUrl: string, why: string) {
    super(`The simulator at ${controlUrl} ${why}; start one with \`npm run simulator\`, or set SANDBOX=true to run one inside.`)
    this.name = 'SandboxUnusable'
  }
}

/** What is read of a simulator's account of itself. */
const Manifest = Type.Object({ wsUrl: Type.String(), mediaUrl: Type.String(), rootKey: Type.String() })
const ROOT_KEY_BYTES = 32

/** Starts a simulator inside (its world under `dataDir`), finds the one that runs elsewhere, or null when the sandbox is off. */
export async function openSandbox(sandbox: Sandbox, dataDir: string, log: Log): Promise<SandboxLink | null> {
  if (sandbox.kind === 'off') return null
  if (sandbox.kind === 'at') return attach(sandbox.controlUrl)
  const simulator = await startSimulator({ dataDir: join(dataDir, 'sandbox'), logger: log })
  return { wsUrl: simulator.wsUrl, mediaUrl: simulator.mediaUrl, rootKey: simulator.rootKey, simulator, control: null, controlUrl: null, close: () => simulator.close() }
}

async function attach(controlUrl: string): Promise<SandboxLink> {
  const control = controlPlane(controlUrl)
  const answer = await control.forward('GET', '/sandbox', undefined).catch(() => null)
  if (answer === null || answer.status !== 200) throw new SandboxUnusable(controlUrl, 'does not answer')
  const manifest = parse(answer.body)
  const rootKey = manifest === null ? null : Buffer.from(manifest.rootKey, 'base64')
  if (manifest === null || rootKey?.length !== ROOT_KEY_BYTES) throw new SandboxUnusable(controlUrl, 'answers something else')
  return { wsUrl: manifest.wsUrl, mediaUrl: manifest.mediaUrl, rootKey, simulator: null, control, controlUrl, close: async () => undefined }
}

function parse(text: string): { wsUrl: string; mediaUrl: string; rootKey: string } | null {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(Manifest, value) ? value : null
  } catch {
    return null
  }
}
