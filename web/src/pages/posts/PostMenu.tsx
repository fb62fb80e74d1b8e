/** What is seldom done with a post. Loaded after the page: menus bring more code than the page itself. */
import type { ReactNode } from 'react'
import { t } from '../../i18n.tsx'
import { IconButton } from '../../ui/IconButton.tsx'
import { Menu, MenuItem } from '../../ui/Menu.tsx'

type Props = {
  onDuplicate: () => void
  /** Absent where it cannot be done. */
  onUnschedule?: (() => void) | undefined
  onCancel?: (() => void) | undefined
  onRemove?: (() => void) | undefined
}

export function PostMenu({ onDuplicate, onUnschedule, onCancel, onRemove }: Props): ReactNode {
  return (
    <Menu trigger={<IconButton icon="more" label={t('posts.action.more')} />}>
      <MenuItem icon="copy" onAction={onDuplicate}>
        {t('posts.action.duplicate')}
      </MenuItem>
      {onUnschedule && (
        <MenuItem icon="undo" onAction={onUnschedule}>
          {t('posts.action.unschedule')}
        </MenuItem>
      )}
      {onCancel && (
        <MenuItem icon="close" isDangerous onAction={onCancel}>
          {t('posts.action.cancel')}
        </MenuItem>
      )}
      {onRemove && (
        <MenuItem icon="trash" isDangerous onAction={onRemove}>
          {t('posts.action.remove')}
        </MenuItem>
      )}
    </Menu>
  )
}
