import { DataAnalysis } from '@element-plus/icons-vue'

import { section } from '@/frame/section'

export default section({
  routes: [{ path: '/overview', component: () => import('./Overview.vue'), meta: { title: '概览', permission: 'look' } }],
  menu: { title: '概览', hint: '名额、预约、到场、未到率和免费次数，导出', icon: DataAnalysis, order: 50, to: '/overview', permission: 'look' },
})
