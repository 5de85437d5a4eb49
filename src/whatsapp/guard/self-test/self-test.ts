import { openBench } from './bench.ts'
import { installed, installedVersion, type Installed } from './installed.ts'
import { bounded } from './require.ts'
import { signalHooks } from './signal-hooks.ts'
import { socketHooks } from './socket-hooks.ts'

/** How long a hook may take to bite, on a machine that is busy with much else: a start refused for nothing would be worse. */
const PATIENCE_MS = 10_000

/** Thrown when the installed Baileys cannot be guarded: messages would be lost, or keys shown. */
export class GuardBroken extends Error {
  constructor(fault: string, cause: unknown) {
    super(`Puente cannot guard the Baileys ${installedVersion()} that is installed: ${fault}. Run \`npm ci\` to install the versions it is made for.`, { cause })
    this.name = 'GuardBroken'
  }
}

/** Tries every hook of the guard on a real socket of an invented account. Throws {@link GuardBroken}, naming the first that does not bite. */
export async function selfTest(baileys: Installed = installed, patienceMs = PATIENCE_MS): Promise<void> {
  const bench = await openBench(baileys, patienceMs).catch((error: unknown) => {
    throw new GuardBroken('no socket can be made', error)
  })
  try {
    for (const { fault, check } of [...socketHooks, ...signalHooks]) {
      await bounded(check(bench), 2 * patienceMs).catch((error: unknown) => {
        throw new GuardBroken(fault, error)
      })
    }
  } finally {
    await bench.close()
  }
}

let held: Promise<void> | null = null

/** The self-test, once for the process: what is installed does not change while it runs. */
export function guardHolds(): Promise<void> {
  held ??= selfTest()
  return held
}
