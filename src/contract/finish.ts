import type { RequestExample } from './operation.ts'

interface Document {
  readonly paths?: unknown
  webhooks?: unknown
  readonly components?: { readonly schemas?: unknown } | undefined
}
type Json = Record<string, unknown>

/**
 * Adds what a route's schema cannot hold: named request examples (by operationId), which bodies may be left out, what is sent to others,
 * and the mapping of discriminated unions, without which generators name the branches wrongly. A union whose tag has a default has none:
 * the branch of the default may leave the tag out.
 */
export function finishDocument<D extends Document>(document: D, examples: ReadonlyMap<string, Readonly<Record<string, RequestExample>>>, webhooks: object): D {
  for (const operation of operationsIn(document.paths)) {
    const body = operation['requestBody'] as Json | undefined
    const media = (body?.['content'] as Json | undefined)?.['application/json'] as Json | undefined
    if (!body || !media) continue
    const own = examples.get(String(operation['operationId']))
    if (own) media['examples'] = own
    const present = presentOnly(media['schema'] as Json)
    if (present) Object.assign(body, { required: false, content: { 'application/json': { ...media, schema: present } } })
  }
  const schemas = (document.components?.schemas ?? {}) as Record<string, Json>
  for (const schema of Object.values(schemas)) addMapping(schema, schemas)
  document.webhooks = webhooks
  return document
}

/** A body that may be null may be left out: null is what no body is read as. */
function presentOnly(schema: Json): Json | null {
  const [present, absent] = (schema['anyOf'] ?? []) as Json[]
  return present && absent?.['type'] === 'null' ? present : null
}

function* operationsIn(paths: unknown): Generator<Json> {
  for (const path of Object.values((paths ?? {}) as Record<string, Json>)) yield* Object.values(path) as Json[]
}

function addMapping(schema: Json, schemas: Readonly<Record<string, Json>>): void {
  const discriminator = schema['discriminator'] as { propertyName: string; mapping?: Record<string, string> } | undefined
  if (!discriminator || !Array.isArray(schema['oneOf'])) return
  const untagged = ((schema['properties'] ?? {}) as Record<string, Json>)[discriminator.propertyName]?.['default']
  const mapping: Record<string, string> = {}
  for (const { $ref } of schema['oneOf'] as { $ref: string }[]) {
    const branch = schemas[$ref.split('/').at(-1) ?? '']
    const tag = ((branch?.['properties'] ?? {}) as Record<string, Json>)[discriminator.propertyName]
    for (const value of tag?.['const'] === undefined ? ((tag?.['enum'] ?? []) as unknown[]) : [tag['const']]) mapping[String(value)] = $ref
  }
  if (typeof untagged !== 'string') discriminator.mapping = mapping
  else {
    const branch = schemas[mapping[untagged]?.split('/').at(-1) ?? ''] as { required: string[] }
    branch.required = branch.required.filter((name) => name !== discriminator.propertyName)
    delete schema['discriminator']
    delete schema['required']
  }
  // The branches describe the tag; described here too, linters take every other field of a branch for an unknown one.
  delete schema['properties']
}
