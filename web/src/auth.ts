/** Signing in and out, and passwords. These requests go to the identity part of the server, not through the contract. */
import { queryClient } from './api.ts'
import { asProblem, Problem, problemFrom } from './problems.ts'
import { remember } from './remember.ts'

async function post(path: string, body: Record<string, unknown>): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(`/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch (cause) {
    throw asProblem(cause)
  }
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw problemFrom(answer, response.status)
  return answer
}

export async function signIn(email: string, password: string): Promise<void> {
  try {
    await post('sign-in/email', { email, password })
  } catch (cause) {
    const problem = asProblem(cause)
    // 401 here is not "sign in first" but "that was wrong".
    throw problem.status === 401
      ? new Problem('sign_in_wrong', problem.message, { status: 401, remedy: '' })
      : problem
  }
  forgetAnswers()
}

export async function signOut(): Promise<void> {
  await post('sign-out', {})
  forgetAnswers()
}

export async function requestPasswordReset(email: string): Promise<void> {
  await post('request-password-reset', { email, redirectTo: '/reset-password' })
}

export async function resetPassword(token: string, newPassword: string): Promise<void> {
  await post('reset-password', { token, newPassword })
}

export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await post('change-password', { currentPassword, newPassword })
}

/** What one person was shown is never shown to the next. */
export function forgetAnswers(): void {
  queryClient.clear()
  remember('workspace', undefined)
}
