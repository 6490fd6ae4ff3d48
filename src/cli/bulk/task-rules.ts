import {TorqueError} from '../../errors.js'
import {EgressPolicy} from '../../task/address.js'
import type {NewTaskOptions} from '../../task/new-task.js'
import {UrlScope} from '../../task/url-scope.js'
import {isOn, type SettingName} from '../config/settings.js'

export type TaskRules = Pick<NewTaskOptions, 'baseTaskUrl' | 'egress' | 'scope'>

/** What a task must be that this command line lets in. What no policy allows is refused now; the policy in force is that of `serve`, when it calls. */
export function taskRules(baseTaskUrl: string | undefined, setting: (name: SettingName) => string | undefined): TaskRules {
  return {baseTaskUrl, egress: new EgressPolicy({mode: 'internal'}), scope: scopeOf(baseTaskUrl, setting('baseTaskUrlOnly'))}
}

/** The only URLs that `serve` takes with these settings. */
function scopeOf(baseTaskUrl: string | undefined, only: string | undefined): UrlScope | undefined {
  if (only === undefined || !isOn('baseTaskUrlOnly', only)) return undefined
  if (baseTaskUrl === undefined) throw new TorqueError('usage', 'TORQUE_BASE_TASK_URL_ONLY needs a TORQUE_BASE_TASK_URL')
  return new UrlScope(baseTaskUrl)
}
