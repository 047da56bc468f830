import { Document } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [{ path: '/trail', component: () => import('./Trail.vue'), meta: { title: '审计', permission: 'audit' } }],
  menu: { title: '审计', hint: '谁办了什么，谁看了谁的信息，记录有没有被改过', icon: Document, order: 70, to: '/trail', permission: 'audit' },
})
