import type { PasswordRule } from '@/api/entrance'

const numbers = ['零', '一', '两', '三', '四']
const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/]

// ruleInWords tells what is asked before anything is typed.
export function ruleInWords(rule: PasswordRule): string {
  const mixed = rule.complexity > 1 ? `，含大写字母、小写字母、数字、符号中的至少${numbers[rule.complexity]}种` : '，可以是一句好记的话'
  return `至少${rule.min_length}个字符${mixed}`
}

// faultOf tells what a new password lacks; empty when nothing is known against it. The house judges again, and knows
// the common passwords.
export function faultOf(password: string, again: string, rule: PasswordRule): string {
  if ([...password].length < rule.min_length) return `至少要${rule.min_length}个字符。`
  if (kinds.filter((kind) => kind.test(password)).length < rule.complexity) return `请含大写字母、小写字母、数字、符号中的至少${numbers[rule.complexity]}种。`
  if (password !== again) return '两次填写的密码不一样。'
  return ''
}
