import type {helpTopics} from './help-topics.js'

const exitCodes = `EXIT CODES

The same with and without --json.

    0  done; an empty list, too
    1  failed, or partly failed
    2  a wrong command line or value
    3  no such task, queue, lane or schedule
    4  refused, or not confirmed
    5  a threshold was crossed (check), or the task that was waited for died (wait, add --wait)
   69  Redis or the server cannot be reached
  124  timed out (wait, add --wait-timeout)
  130  ended by SIGINT
  143  ended by SIGTERM; serve ends with 0 at the first signal, and with these at a second one
`

const filters = `FILTERS

list, retry, purge, errors and export take the same filters, and so does GET /tasks. All that are given must hold.

  --state STATE          in this state; repeatable, or several with commas between; all
  --url GLOB             whose whole URL matches: * stands for any characters. Repeatable: all must match
  --host HOST            that call this host; HOST:PORT for one port
  --status STATUS        whose newest attempt got this status: 503, 5xx, none; several with commas between
  --error CODE           whose newest attempt ended with this error code, such as timeout; several with commas between
  --param NAME=VALUE     with this form field in their params. Repeatable: all must be there
  --older-than DURATION  that ended, or else were added, at least this long ago
  --newer-than DURATION  that ended, or else were added, less than this long ago
  --min-errors N         with at least so many errors since they were added or revived
  --id-prefix PREFIX     whose id begins so
  --flow-key KEY         of this lane: a flow key, or the origin of a URL

States: active, retrying, ready, scheduled, dead, delivered. Without --state, list and export mean all six, errors those that are
dead or retrying, retry and purge dead ones.
A DURATION is 2, 2.5 (seconds), 500ms, 30s, 5m, 2h or 7d.

  $ torque list --state dead --status 5xx --newer-than 1h
  $ torque retry --host localhost:8091 --error timeout --dry-run
`

/** What `torque help` tells beside commands. */
export const topicTexts: Record<(typeof helpTopics)[number], string> = {'exit-codes': exitCodes, filters}
