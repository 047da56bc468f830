import { createRouter, createWebHashHistory, type RouteLocationNormalized } from 'vue-router'

import { onPasswordDue, onSignedOut } from './api/client'
import { routes } from './frame/sections'
import { forget, may, me, recall, signedIn } from './me/me'
import { chooseSite, forgetSites, siteId } from './scope/scope'

export const router = createRouter({ history: createWebHashHistory('/console/'), routes, scrollBehavior: () => ({ top: 0 }) })

const newPassword = '/account/password'

router.beforeEach(async (to) => {
  if (to.meta.entrance) return true
  if (!signedIn.value && !(await recall())) return signInFor(to)
  if (me.value?.password_due && to.path !== newPassword) return { path: newPassword, replace: true }
  if (!may(to.meta.permission)) return { name: 'not-permitted', replace: true }
  return withSite(to)
})

router.afterEach((to) => {
  document.title = to.meta.title ? `${to.meta.title} · 家门口 工作台` : '家门口 工作台'
})

onSignedOut(() => {
  const here = router.currentRoute.value
  if (here.meta.entrance || !signedIn.value) return
  forget()
  forgetSites()
  void router.push({ ...signInFor(here), query: { ...signInFor(here).query, ended: '1' } })
})

onPasswordDue(async () => {
  if (me.value?.password_due || !(await recall())) return
  await router.push(newPassword)
})

function signInFor(to: RouteLocationNormalized) {
  return { path: '/sign-in', query: to.path === '/' ? {} : { next: to.fullPath } }
}

// withSite keeps the address and the chosen site the same: the address goes first, so that a link opens what it says.
function withSite(to: RouteLocationNormalized) {
  const asked = to.query['site']
  if (typeof asked === 'string' && asked) {
    chooseSite(asked)
    return true
  }
  return siteId.value ? { ...to, query: { ...to.query, site: siteId.value } } : true
}
