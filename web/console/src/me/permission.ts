import type { View } from '@/api/client'

// The words of the house for who may do what; model/staff.go is where they come from.
export type Permission = View['StaffMeOutputBody']['permissions'][number]
