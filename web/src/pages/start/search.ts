/** What the addresses of the pages before signing in say. */
export type TokenSearch = { token?: string; error?: string }
export type ReturnSearch = { returnTo?: string }

export function readTokenSearch(search: Record<string, unknown>): TokenSearch {
  const { token, error } = search
  return {
    // A token of digits alone was read as a number.
    ...(typeof token === 'string' || typeof token === 'number' ? { token: String(token) } : {}),
    ...(typeof error === 'string' ? { error } : {}),
  }
}

/** Only a path of this app, so that a link cannot lead people elsewhere after they signed in. */
export function readReturnSearch(search: Record<string, unknown>): ReturnSearch {
  const { returnTo } = search
  return typeof returnTo === 'string' && /^\/(?![/\\])/.test(returnTo) ? { returnTo } : {}
}
