import { Setting } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

import { missingYear } from './missing'

export default section({
  routes: [{ path: '/settings/calendar', component: () => import('./Years.vue'), meta: { title: '日历', permission: 'settings' } }],
  menu: { title: '设置', hint: '各年的节假日和调休', icon: Setting, order: 75, to: '/settings/calendar', permission: 'settings', waiting: missingYear },
})
