import type { Component } from 'vue'
import type { RouteRecordRaw } from 'vue-router'

import type { Permission } from '../me/permission'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    permission?: Permission // without it anybody who is signed in may open the page
    entrance?: boolean // for people who are not signed in
    oneSite?: boolean // the page is about the site it was opened with; no other is chosen meanwhile
  }
}

// Section is one part of the console. It stands in src/pages/<section>/section.ts and is found there.
export interface Section {
  routes: RouteRecordRaw[]
  menu?: MenuEntry
}

export interface MenuEntry {
  title: string
  hint: string // one line: what can be done there; home shows it
  icon: Component
  order: number // 10, 20, …: desk, planning, people, residents, overview, staff, audit, machinery
  to: string
  permission?: Permission // of who sees it
  waiting?: () => Promise<string[]> // what waits there for somebody, in words, each a line of home; nothing when all is well
}

// section is there for its type.
export const section = (s: Section): Section => s
