import { stockInbound } from '../catchers.ts'
import type { Edit, Mutant } from '../mutant.ts'
import { CLUSTER } from './cluster.ts'
import { FRAMES } from './frames.ts'
import { OUTBOX_LANE } from './outbox.ts'
import { RATCHETS } from './ratchets.ts'
import { STATE } from './state.ts'

/** Baileys as it comes, in place of our gateway. */
export const STOCK: Mutant = { name: 'stock', off: 'all of it: Baileys 7.0.0-rc14 as it comes, over SQLite', edits: [], caughtBy: stockInbound }

const SELF_TEST = 'src/whatsapp/guard/self-test/self-test.ts'
/** The gateway would refuse to start without some pieces; here it must be seen what they are good for. */
const START_ANYWAY: Edit = { file: SELF_TEST, find: 'held ??= selfTest()', replace: 'held ??= Promise.resolve()' }

const unaided = (mutant: Mutant): Mutant => (mutant.edits.some(({ file }) => file === SELF_TEST) ? mutant : { ...mutant, edits: [...mutant.edits, START_ANYWAY] })

/** Every piece that can be switched off; the self-test at the start is off with it. */
export const MUTANTS: readonly Mutant[] = [...RATCHETS, ...FRAMES, ...STATE, ...OUTBOX_LANE, ...CLUSTER].map(unaided)
