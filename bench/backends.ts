/** The two databases everything is measured on: the embedded one, and PostgreSQL from the test kit. */
import { freshServerDatabase } from '#test/support/databases.ts'

export type Backend = 'embedded' | 'server'

/** Settings for an empty database of that kind. */
export async function backendEnv(backend: Backend): Promise<Record<string, string>> {
  return backend === 'embedded' ? {} : { LITFASS_DATABASE_URL: await freshServerDatabase() }
}
