/** Which methods each known path takes. */
export interface KnownRoutes {
  add(pattern: string, methods: readonly string[]): void
  /** The methods that exist for a path as it was requested, in alphabetical order; empty for an unknown path. */
  methodsAt(path: string): readonly string[]
}

/** Remembers routes by their pattern (`/sessions/:session_id`, `/docs/*`), so that a wrong method can be told from a wrong path. */
export function knownRoutes(): KnownRoutes {
  const routes = new Map<string, { readonly matcher: RegExp; readonly methods: Set<string> }>()
  return {
    add(pattern, methods) {
      const route = routes.get(pattern) ?? { matcher: toMatcher(pattern), methods: new Set() }
      for (const method of methods) route.methods.add(method)
      routes.set(pattern, route)
    },
    methodsAt: (path) => [...new Set([...routes.values()].filter(({ matcher }) => matcher.test(path)).flatMap(({ methods }) => [...methods]))].toSorted(),
  }
}

const toMatcher = (pattern: string): RegExp =>
  new RegExp(`^${pattern.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))).join('/')}$`)
