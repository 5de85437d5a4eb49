import { createHook } from 'node:async_hooks'

/** Counts every TCP connection that this process begins while the work runs: Node makes one such resource just before it asks the system. */
export async function countConnections<T>(work: () => Promise<T>): Promise<{ result: T; connections: number }> {
  let connections = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'TCPCONNECTWRAP') connections++
    },
  }).enable()
  try {
    const result = await work()
    return { result, connections }
  } finally {
    hook.disable()
  }
}
