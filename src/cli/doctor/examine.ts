/** All checks of an installation, in the order in which one would look for a fault. */
import { type Config, readConfig } from '#main/config.ts'
import { isFree } from '../api.ts'
import { runningServer } from '../place.ts'
import { checkDatabase } from './database.ts'
import { failedBy, fail, type Finding, ok, warn } from './finding.ts'
import { checkDataFolder, checkDisk, checkMasterKey } from './folder.ts'
import { checkNetworks } from './networks.ts'
import { checkWorkspace } from './workspace.ts'

export async function examine(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const system = [checkNode(), checkTimeZones()]
  let config: Config
  try {
    config = readConfig(environment)
  } catch (cause) {
    return [...system, failedBy('settings', cause, '`litfass config` lists the settings.')]
  }
  const server = await runningServer(config.dataDir)
  const folder = checkDataFolder(config)
  return [
    ...system,
    ok('settings', 'Every setting can be read'),
    folder,
    checkDisk(config),
    checkMasterKey(config),
    ...(folder.state === 'fail' ? [] : await checkDatabase(config, server)),
    await checkPort(config, server),
    await checkOrigin(config, server),
    ...(server === null ? [] : [await checkNetworks(server), ...(await checkWorkspace())]),
    ok('sandbox', config.hasSandbox ? 'On: simulated networks stand under /_sandbox' : 'Off'),
    checkMail(config),
  ]
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const found = `Node ${process.versions.node}`
  return major > 24 || (major === 24 && minor >= 12)
    ? ok('node', found)
    : fail('node', found, 'Run `npm ci`, which brings the right one, or install Node 24.12 or newer.')
}

/** Posts are scheduled in wall time, so a Node built without zones would send them at wrong times. */
function checkTimeZones(): Finding {
  const hourIn = (instant: string) =>
    new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', hour: 'numeric', hour12: false }).format(
      new Date(instant),
    )
  const isRight = hourIn('2026-01-15T12:00:00Z') === '13' && hourIn('2026-07-15T12:00:00Z') === '14'
  const found = `Time zone data ${process.versions['tz'] ?? 'of unknown age'}`
  return isRight
    ? ok('time-zones', found)
    : fail('time-zones', `${found} is wrong or missing`, 'Use the Node that `npm ci` installs.')
}

async function checkPort(config: Config, server: string | null): Promise<Finding> {
  if (server !== null) return ok('server', `Runs at ${server}`)
  return (await isFree(config.host, config.port))
    ? ok('server', `Does not run; port ${config.port} is free`)
    : fail(
        'server',
        `Does not run, and port ${config.port} of ${config.host} is taken or not allowed`,
        'Stop what uses it, or set LITFASS_PORT.',
      )
}

async function checkOrigin(config: Config, server: string | null): Promise<Finding> {
  const { protocol, hostname } = new URL(config.origin)
  const isHome = /^(localhost|127\.|\[::1\])/.test(hostname)
  if (server !== null && !(await answers(config.origin))) {
    return warn(
      'origin',
      `${config.origin} does not lead to this server from here`,
      'Set LITFASS_ORIGIN to the address people and networks reach it by, and check proxy and DNS.',
    )
  }
  if (isHome)
    return ok('origin', `${config.origin}: only this machine reaches it, which is enough for the sandbox`)
  return protocol === 'https:'
    ? ok('origin', config.origin)
    : warn(
        'origin',
        `${config.origin} is not encrypted`,
        'Put a proxy with a certificate in front and set LITFASS_ORIGIN to its https address; networks ask for it.',
      )
}

async function answers(origin: string): Promise<boolean> {
  try {
    const answer = await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(5_000) })
    return answer.ok && ((await answer.json()) as { ok?: unknown }).ok === true
  } catch {
    return false
  }
}

function checkMail(config: Config): Finding {
  return config.env['SMTP_URL']
    ? ok('mail', 'A mail server is set')
    : warn(
        'mail',
        'No mail server is set',
        'Links are shown instead of mailed; set LITFASS_SMTP_URL to mail them.',
      )
}
