import type { View } from '@/api/client'
import { dated } from '@/time/time'

// What is filled in of sites and carers, and whether it is complete enough to be asked for; the house judges the rest.
export type SiteFields = Pick<
  View['SiteForm'],
  'subdistrict_code' | 'name' | 'host_kind' | 'host_name' | 'address' | 'latitude' | 'longitude' | 'phone' | 'hours' | 'intro'
>

export const siteNames: Record<keyof SiteFields, string> = {
  subdistrict_code: '街镇',
  name: '名称',
  host_kind: '所在设施的类型',
  host_name: '所在设施的名称',
  address: '地址',
  latitude: '纬度',
  longitude: '经度',
  phone: '电话',
  hours: '接待时间',
  intro: '介绍',
}

export const hostKinds = ['党群服务中心', '为老服务中心', '市民驿站', '居委会', '社区文化中心', '邻里汇']

export const emptySite = (): SiteFields => ({
  subdistrict_code: '', name: '', host_kind: '', host_name: '', address: '', latitude: 0, longitude: 0, phone: '', hours: '', intro: '',
})

export const siteFields = (s: View['KeptSiteView']): SiteFields => ({
  subdistrict_code: s.subdistrict.code, name: s.name, host_kind: s.host_kind, host_name: s.host_name, address: s.address,
  latitude: s.latitude, longitude: s.longitude, phone: s.phone, hours: s.hours, intro: s.intro,
})

// lacking names what is still to be filled in of a site, so that a button that cannot be pressed says why.
export function lacking(f: SiteFields): string[] {
  const needed = ['name', 'subdistrict_code', 'host_kind', 'host_name', 'address', 'phone', 'hours'] as const
  return [...needed.filter((field) => f[field].trim() === '').map((field) => siteNames[field]), ...(f.latitude && f.longitude ? [] : ['位置'])]
}

export type CertificateFields = Required<View['CertificateForm']>

export interface CarerFields {
  name: string
  title: string
  intro: string
  certificates: CertificateFields[]
}

export const certificateKinds = ['教师资格证', '高级育婴师证', '保育师证', '健康证']

export const emptyCertificate = (kind = ''): CertificateFields => ({ kind, issuer: '', issued_on: '', expires_on: '' })

export const emptyCarer = (): CarerFields => ({ name: '', title: '', intro: '', certificates: [emptyCertificate('教师资格证'), emptyCertificate('高级育婴师证')] })

export const carerFields = (c: View['KeptCarerView']): CarerFields => ({
  name: c.name, title: c.title, intro: c.intro,
  certificates: c.certificates.map((x) => ({ kind: x.kind, issuer: x.issuer, issued_on: x.issued_on, expires_on: x.expires_on ?? '' })),
})

// carerBody is what is sent: a certificate in which nothing but its kind was filled in is left out.
export function carerBody(f: CarerFields): View['CarerForm'] {
  const filled = f.certificates.filter((c) => c.issuer.trim() || c.issued_on || c.expires_on)
  return { ...f, certificates: filled.map(({ expires_on, ...c }) => (expires_on ? { ...c, expires_on } : c)) }
}

export const isCarer = (f: CarerFields): boolean =>
  f.name.trim() !== '' && carerBody(f).certificates.every((c) => c.kind.trim() !== '' && c.issuer.trim() !== '' && c.issued_on !== '')

// spellCertificates is a list of certificates in a line.
export const spellCertificates = (list: readonly CertificateFields[]): string =>
  list.map((c) => `${c.kind}（${c.expires_on ? `到${dated(c.expires_on)}` : '长期'}）`).join('、')
