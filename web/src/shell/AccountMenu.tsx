/** The person: settings, language, theme, signing out. */
import { useRouter } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { signOut } from '../auth.ts'
import { type Language, language, languages, t } from '../i18n.tsx'
import { useMe } from '../session.ts'
import { setTheme, themes, useTheme } from '../theme.ts'
import { Avatar } from '../ui/Avatar.tsx'
import { Menu, MenuItem, MenuSection, MenuSeparator } from '../ui/Menu.tsx'
import { toast } from '../ui/toast.ts'
import { changeLanguage } from './change-language.ts'

export function AccountMenu(): ReactNode {
  const { member } = useMe()
  const router = useRouter()
  const leave = async () => {
    try {
      await signOut()
      await router.navigate({ to: '/sign-in' })
    } catch (cause) {
      toast.failed(cause)
    }
  }
  const trigger = (
    <Button
      aria-label={t('shell.account', { name: member.name })}
      className="grid size-10 place-items-center rounded-full pointer-coarse:size-11"
    >
      <Avatar name={member.name} />
    </Button>
  )
  return (
    <Menu trigger={trigger}>
      <MenuItem href="/settings/account" icon="user" detail={member.email}>
        {member.name}
      </MenuItem>
      <MenuItem href="/settings" icon="gear">
        {t('shell.nav.settings')}
      </MenuItem>
      <MenuSeparator />
      <MenuSection<Language>
        title={t('shell.language')}
        value={language()}
        onChange={(id) => void changeLanguage(id)}
      >
        {languages.map(({ id, name }) => (
          <MenuItem key={id} id={id} icon="globe">
            {name}
          </MenuItem>
        ))}
      </MenuSection>
      <ThemeSection />
      <MenuSeparator />
      <MenuItem icon="signOut" onAction={() => void leave()}>
        {t('shell.signOut')}
      </MenuItem>
    </Menu>
  )
}

function ThemeSection(): ReactNode {
  const chosen = useTheme()
  const icons = { system: 'monitor', light: 'sun', dark: 'moon' } as const
  return (
    <MenuSection title={t('shell.theme')} value={chosen} onChange={setTheme}>
      {themes.map((theme) => (
        <MenuItem key={theme} id={theme} icon={icons[theme]}>
          {t(`shell.theme.${theme}`)}
        </MenuItem>
      ))}
    </MenuSection>
  )
}
