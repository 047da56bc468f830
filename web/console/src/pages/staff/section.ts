import { UserFilled } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

import { openResets } from './resets'

export default section({
  routes: [
    { path: '/staff', component: () => import('./Staff.vue'), meta: { title: '人员', permission: 'manage' } },
    { path: '/staff/:id', component: () => import('./Member.vue'), meta: { title: '人员', permission: 'manage' } },
  ],
  menu: { title: '人员', hint: '邀请、岗位、停用、重置登录方式', icon: UserFilled, order: 60, to: '/staff', permission: 'manage', waiting: openResets },
})
