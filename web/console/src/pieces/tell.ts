import 'element-plus/es/components/message/style/css'

import { ElMessage } from 'element-plus'

import { asRefusal } from '@/api/refusal'

// tell is a word at the top of the screen: what was done, or why not where there is no better place to say it.
export const tell = {
  done: (text: string) => void ElMessage({ message: text, type: 'success', duration: 3000, showClose: true }),
  refused: (thrown: unknown) => void ElMessage({ message: asRefusal(thrown).detail, type: 'error', duration: 8000, showClose: true }),
}
