" Scenario files of rota. Copy or link this folder into ~/.vim/pack/rota/start/.
if exists("b:current_syntax")
  finish
endif

syntax iskeyword @,48-57,_,-
syntax match rotaComment /#.*$/ contains=@Spell
syntax region rotaString start=/"/ skip=/\\./ end=/"/ oneline contains=@Spell
syntax match rotaNumber /\<\d\+\(us\|ms\|s\|m\|h\|%\)\?\>/
syntax match rotaName /\<\([mwcsz]\d\+\|leader\|standby\|all\)\>/
syntax match rotaName /\<any worker\>/
syntax match rotaComparison /[=!<>]=\|[<>]/
syntax keyword rotaStatement scenario labels seed protocol cluster tags at after on until expect always never without sometimes step permute zk trace
syntax keyword rotaAction start stop crash restart pause resume expire disconnect partition heal connloss lag elect skew slow submit cancel retry drain
syntax keyword rotaCondition leader leaders done failed dead cancelled expired skipped state attempts executions progress history refused workers assigned exists missing data children znodes
syntax match rotaCluster /\<\(masters\|workers\|clients\|servers\|slots\|retries\|losses\|session\|tick\|latency\|lag\|sync\|counter\|backoff\)\ze=/
syntax match rotaSubmit /\<\(work\|fail\|kill\|payload\|id\|priority\|timeout\|retries\|backoff\|expires\|delay\|after\|tags\|exit\|fatal\|progress\)\ze=/
syntax keyword rotaState absent waiting retrying assigned running done failed dead cancelled expired skipped
syntax keyword rotaOperation create delete set check get exists children multi sync get_acl set_acl add_auth close
syntax keyword rotaParticle before after nth every within for work worker task tasks lost applied late
syntax keyword rotaInvariant one-writer one-assignment one-completion no-task-lost no-double-submit payload-intact capacity stale-result-refused no-needless-rerun attempts-bounded terms-kept bounded-tries bounded-tree bounded-watches progress
syntax keyword rotaProtocol rota
syntax keyword rotaMark started connected resumed disconnected paused expired doubt standby elected recovered deposed handover worker-seen worker-lost assigned reassigned dead given-up delayed blocked hold hold-over ordered draining drain-over timed-out cancelling retry swept counter refused unknown resolved registered name-taken run finished completed superseded handed-back lease-low lease-over submitted result collected stopping fault ended takeover-with-backlog takeover-with-assignments
syntax region rotaBlock start=/^----$/ end=/^----$/ contains=rotaWild
syntax match rotaWild /<any>\|<n>/ contained

highlight default link rotaComment Comment
highlight default link rotaString String
highlight default link rotaNumber Number
highlight default link rotaName Type
highlight default link rotaComparison Operator
highlight default link rotaStatement Statement
highlight default link rotaAction Function
highlight default link rotaCondition Conditional
highlight default link rotaCluster Identifier
highlight default link rotaSubmit Identifier
highlight default link rotaState Constant
highlight default link rotaOperation Operator
highlight default link rotaParticle Keyword
highlight default link rotaInvariant Constant
highlight default link rotaProtocol Constant
highlight default link rotaMark Constant
highlight default link rotaBlock PreProc
highlight default link rotaWild Special

let b:current_syntax = "rota"
