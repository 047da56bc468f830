import { expect, test } from 'vitest'

import { carerBody, emptyCarer, emptySite, isCarer, lacking, spellCertificates } from './forms'

test('a site says what is still to be filled in', () => {
  expect(lacking(emptySite())).toEqual(['名称', '街镇', '所在设施的类型', '所在设施的名称', '地址', '电话', '接待时间', '位置'])
  const whole = { ...emptySite(), name: '甲', subdistrict_code: '310104017', host_kind: '邻里汇', host_name: '乙', address: '丙', phone: '021-64000000', hours: '丁', latitude: 31.17, longitude: 121.4 }
  expect(lacking(whole)).toEqual([])
  expect(lacking({ ...whole, phone: ' ' })).toEqual(['电话'])
})

const teacher = { kind: '教师资格证', issuer: '示例市教育局', issued_on: '2020-01-01', expires_on: '' }

test('certificates that were only proposed are not sent, and no empty date', () => {
  const form = { ...emptyCarer(), name: '示例老师', certificates: [teacher, { kind: '高级育婴师证', issuer: '', issued_on: '', expires_on: '' }] }
  expect(isCarer(form)).toBe(true)
  expect(carerBody(form).certificates).toEqual([{ kind: '教师资格证', issuer: '示例市教育局', issued_on: '2020-01-01' }])
})

test.each([
  ['without a name', { ...emptyCarer(), name: ' ' }],
  ['with half a certificate', { ...emptyCarer(), name: '甲', certificates: [{ ...teacher, issued_on: '' }] }],
])('a carer %s is not complete', (_, form) => expect(isCarer(form)).toBe(false))

test('certificates in a line', () => {
  expect(spellCertificates([teacher, { ...teacher, kind: '健康证', expires_on: '2027-01-31' }])).toBe('教师资格证（长期）、健康证（到2027年1月31日）')
})
