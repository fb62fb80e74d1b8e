/** The data folder: can it be written, is there room, is the master key safe. */
import { accessSync, constants, existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Config, readMasterKey } from '#main/config.ts'
import { size } from '../print.ts'
import { fail, failedBy, type Finding, ok, warn } from './finding.ts'

export function checkDataFolder({ dataDir }: Config): Finding {
  const folder = nearest(dataDir)
  const remedy = 'Give the user Litfass runs as the right to write there, or set LITFASS_DATA_DIR.'
  try {
    if (folder !== dataDir) {
      accessSync(folder, constants.W_OK)
      return ok('data-folder', `${dataDir} is made on the first start`)
    }
    const probe = join(dataDir, `.doctor-${process.pid}`)
    writeFileSync(probe, 'probe')
    rmSync(probe)
    return ok('data-folder', `${dataDir} can be written`)
  } catch (cause) {
    return failedBy('data-folder', cause, remedy)
  }
}

const scarce = 1_000_000_000
const tooLittle = 100_000_000

export function checkDisk({ dataDir }: Config): Finding {
  const { bavail, bsize } = statfsSync(nearest(dataDir))
  const free = bavail * bsize
  const remedy = 'Make room: the database stops when the disk is full.'
  const found = `${size(free)} are free`
  if (free < tooLittle) return fail('disk', found, remedy)
  return free < scarce ? warn('disk', found, remedy) : ok('disk', found)
}

export function checkMasterKey({ dataDir, databaseUrl, masterKeyFile }: Config): Finding {
  if (!existsSync(masterKeyFile)) {
    return databaseUrl === undefined && existsSync(join(dataDir, 'database'))
      ? fail(
          'master-key',
          `${masterKeyFile} is missing although there is data`,
          'Restore the file this data was made with; without it stored tokens cannot be opened.',
        )
      : ok('master-key', `${masterKeyFile} is made on the first start`)
  }
  try {
    readMasterKey(masterKeyFile)
  } catch (cause) {
    return failedBy('master-key', cause, 'Give the user Litfass runs as the right to read it.')
  }
  // Windows has no such rights.
  return process.platform !== 'win32' && (statSync(masterKeyFile).mode & 0o077) !== 0
    ? fail('master-key', `Others can read ${masterKeyFile}`, `Run: chmod 600 ${masterKeyFile}`)
    : ok('master-key', 'Readable, and by its owner only')
}

/** The folder itself, or the closest one above it that exists. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder))
}
