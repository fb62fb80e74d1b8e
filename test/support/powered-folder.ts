/**
 * A data folder whose power can be cut: a file system of its own, in a file, that is copied below the file
 * system at that moment. The copy holds what had reached the block device, and is mounted in its place.
 *
 * That takes root and a loop device, as on Linux outside of most containers.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export type PoweredFolder = {
  folder: string
  /** Everything that wrote there must be dead: what it had not brought to the disk is gone then. */
  cutPower: () => void
  close: () => void
}

/** A second copy of the data and its logs must fit in. */
const size = '768M'

/** Null where this machine does not let a file system be mounted. */
export function mountPowered(place: string): PoweredFolder | null {
  const folder = join(place, 'powered')
  let image = join(place, 'disk-0')
  let cuts = 0
  try {
    mkdirSync(folder)
    run('truncate', '-s', size, image)
    run('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image)
    run('mount', '-o', 'loop', image, folder)
  } catch {
    rmSync(image, { force: true })
    return null
  }
  const unmount = () => run('umount', folder)
  // Whoever still writes there is killed by then, and need not be gone yet.
  process.once('exit', () => spawnSync('umount', ['-l', folder], { stdio: 'ignore' }))
  return {
    folder,
    cutPower: () => {
      cuts += 1
      const copy = join(place, `disk-${cuts}`)
      run('cp', '--sparse=always', image, copy)
      unmount()
      rmSync(image)
      image = copy
      run('mount', '-o', 'loop', image, folder)
    },
    close: unmount,
  }
}

function run(command: string, ...parameters: string[]): void {
  execFileSync(command, parameters, { stdio: 'pipe' })
}
