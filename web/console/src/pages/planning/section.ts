import { Calendar } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [
    { path: '/planning', component: () => import('./Week.vue'), meta: { title: '排期', permission: 'look' } },
    { path: '/planning/templates', component: () => import('./Templates.vue'), meta: { title: '每周计划', permission: 'look' } },
    { path: '/planning/exceptions', component: () => import('./Exceptions.vue'), meta: { title: '例外安排', permission: 'look' } },
  ],
  menu: { title: '排期', hint: '一周的场次、每周计划、停开和加开', icon: Calendar, order: 20, to: '/planning', permission: 'look' },
})
