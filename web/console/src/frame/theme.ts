/* eslint-disable no-restricted-globals -- the theme is the one thing kept in the browser */
import { readonly, ref } from 'vue'

export type Theme = 'system' | 'light' | 'dark'

const key = 'jmk-theme'
const chosen = ref<Theme>(remembered())
const dark = window.matchMedia('(prefers-color-scheme: dark)')

export const theme = readonly(chosen)

export function showTheme(): void {
  apply()
  dark.addEventListener('change', apply)
}

export function chooseTheme(next: Theme): void {
  chosen.value = next
  if (next === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, next)
  apply()
}

function remembered(): Theme {
  const text = localStorage.getItem(key)
  return text === 'light' || text === 'dark' ? text : 'system'
}

function apply(): void {
  const isDark = chosen.value === 'dark' || (chosen.value === 'system' && dark.matches)
  document.documentElement.classList.toggle('dark', isDark)
}
