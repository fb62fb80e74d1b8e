/** The address of a consent page as OAuth 2.0 with PKCE has it, for networks that add nothing of their own. */
import type { Network } from './contract.ts'

export const pkceAuthorizeUrl: Network['authorizeUrl'] = (login, hosts, _version, request) => {
  const url = new URL(hosts.authorizeUrl)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: request.app.clientId,
    redirect_uri: request.redirectUri,
    scope: login.scopes.join(' '),
    state: request.state,
    code_challenge: request.codeChallenge ?? '',
    code_challenge_method: 'S256',
  }).toString()
  return url.href
}
