/** Lets only signed-in people in: others go to sign in and come back, or set up what has no owner yet. */
import { redirect } from '@tanstack/react-router'
import { client, queryClient } from '../api.ts'
import { language, speak } from '../i18n.tsx'
import { Problem } from '../problems.ts'
import { remember, remembered } from '../remember.ts'
import { type Me, meQuery } from '../session.ts'

export async function enter({ location }: { location: { href: string } }): Promise<void> {
  const me = await whoAmI(location.href)
  const wanted = me.member.locale
  if (wanted !== null && wanted !== language()) await speak(wanted)
}

async function whoAmI(href: string): Promise<Me> {
  try {
    return await queryClient.ensureQueryData(meQuery())
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause
    // The workspace remembered here is not this person's (any more).
    if (
      remembered('workspace') !== undefined &&
      (cause.code === 'not_found' || cause.code === 'not_allowed')
    ) {
      remember('workspace', undefined)
      return whoAmI(href)
    }
    if (cause.code !== 'not_signed_in' && cause.code !== 'not_initialised') throw cause
    const { initialised } = await client.setup.show()
    throw initialised
      ? redirect({ to: '/sign-in', search: href === '/' ? {} : { returnTo: href } })
      : redirect({ to: '/setup' })
  }
}
