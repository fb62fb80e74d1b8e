/** Renewing a sign-in, by the way it was made. */
import type { Network } from '../contract.ts'
import { refreshSession } from './connect.ts'
import { refreshProven } from './oauth.ts'

export const refresh: Network['refresh'] = async (context, grant, app) => {
  const { refreshToken, proofKey, accessExpiresAt } = grant
  if (refreshToken === undefined) {
    const isAlive = accessExpiresAt === undefined || accessExpiresAt > context.now()
    if (isAlive) return { kind: 'not-needed' }
    return { kind: 'dead', message: 'There is nothing to renew this sign-in with. Sign in again.' }
  }
  return proofKey === undefined
    ? refreshSession(context, { ...grant, refreshToken })
    : refreshProven(context, { ...grant, refreshToken, proofKey }, app)
}
