/** Another language for the person, here and now. */
import { client, queryClient } from '../api.ts'
import { type Language, speak } from '../i18n.tsx'
import { meQuery } from '../session.ts'
import { toast } from '../ui/toast.ts'

/** Kept with the account, so that mails and other browsers use it too. */
export async function changeLanguage(locale: Language): Promise<void> {
  try {
    queryClient.setQueryData(meQuery().queryKey, await client.account.change({ locale }))
    await speak(locale)
  } catch (cause) {
    toast.failed(cause)
  }
}
