import type { RouteRecordRaw } from 'vue-router'

import type { MenuEntry, Section } from './section'

const found = Object.values(import.meta.glob<{ default: Section }>('../pages/*/section.ts', { eager: true })).map((m) => m.default)

const nowhere: RouteRecordRaw = { path: '/:rest(.*)*', name: 'nowhere', component: () => import('../pages/home/Nowhere.vue'), meta: { title: '没有这一页' } }

export const routes: RouteRecordRaw[] = [...found.flatMap((s) => s.routes), nowhere]

export const menu: MenuEntry[] = found
  .flatMap((s) => (s.menu ? [s.menu] : []))
  .sort((a, b) => a.order - b.order || a.title.localeCompare(b.title, 'zh-CN'))
