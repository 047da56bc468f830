import { Odometer } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

import { stoppedWork } from './stopped'

export default section({
  routes: [{ path: '/work', component: () => import('./Work.vue'), meta: { title: '任务', permission: 'operate' } }],
  menu: { title: '任务', hint: '待办任务、停下的任务、每晚核对', icon: Odometer, order: 80, to: '/work', permission: 'operate', waiting: stoppedWork },
})
