import {type SettingField, type SettingsChange, parseSettings} from '../../src/task/queue-settings.js'

/** As a request has them: numbers may stand for their text, and null takes one away. */
export function settings(given: Partial<Record<SettingField, string | number | null>>): SettingsChange {
  return parseSettings(Object.entries(given).map(([field, value]) => [field, value === null ? null : String(value)]))
}
