/** The status code of a Boom, or null. */
export function statusOf(error: Error | undefined): number | null {
  const code = (error as { output?: { statusCode?: unknown } } | undefined)?.output?.statusCode
  return typeof code === 'number' ? code : null
}
