import { Setting } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

import { missingYear } from './missing'

export default section({
  routes: [
    { path: '/settings', redirect: '/settings/calendar' },
    { path: '/settings/calendar', component: () => import('./Years.vue'), meta: { title: '工作日历', permission: 'settings' } },
    { path: '/settings/messages', component: () => import('./Messages.vue'), meta: { title: '消息模板', permission: 'settings' } },
    { path: '/settings/messages/:kind', component: () => import('./Message.vue'), meta: { title: '消息模板', permission: 'settings' } },
  ],
  menu: { title: '设置', hint: '节假日和调休、微信消息的模板', icon: Setting, order: 75, to: '/settings', permission: 'settings', waiting: missingYear },
})
