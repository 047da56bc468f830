import { expect, test } from 'vitest'

import { done, what, which, why } from './spoken'

test('what was opened is said in words', () => {
  expect(what('child')).toBe('孩子')
  expect(what('something_new')).toBe('something_new')
  expect(which('residents.phone, children.name: masked')).toBe('手机号、孩子姓名（遮住的）')
  expect(which('children.health_note')).toBe('健康提示')
  expect(why('verify: 电话核对')).toBe('核实信息：电话核对')
  expect(why('desk')).toBe('值班台')
})

test('what was done is said in words, commands too', () => {
  expect(done('查操作记录', 'search-trail')).toBe('查操作记录')
  expect(done('', 'staff-add')).toBe('添加工作人员')
  expect(done('', 'something-new')).toBe('something-new')
})
