import { section } from '@/frame/section'

export default section({
  routes: [
    { path: '/sign-in', component: () => import('./SignIn.vue'), meta: { title: '登录', entrance: true } },
    { path: '/welcome/:code', component: () => import('./Welcome.vue'), meta: { title: '接受邀请', entrance: true } },
  ],
})
