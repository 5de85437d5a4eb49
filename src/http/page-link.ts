/** The Link header of a page that has a next one (RFC 8288): the same request with another cursor. */
export function nextPageLink(url: string, cursor: string, parameter = 'cursor'): string {
  const [path = '', query = ''] = url.split('?', 2)
  const search = new URLSearchParams(query)
  search.set(parameter, cursor)
  return `<${path}?${search.toString()}>; rel="next"`
}
