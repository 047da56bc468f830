// The words of the house for who may do what; model/staff.go is where they come from. A permission that is not known
// here is compared all the same.
export type Role = 'administrator' | 'keeper' | 'system_admin' | 'security_admin' | 'auditor' | (string & {})
export type Scope = 'district' | 'subdistrict' | 'site'
export type Permission = 'look' | 'plan' | 'keep' | 'judge' | 'reveal' | 'furnish' | 'operate' | 'settings' | 'manage' | 'audit' | (string & {})
