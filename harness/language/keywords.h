/* Every word of the scenario language, once: its syntax, its meaning, an example.
 *
 * The parser, the suggestions of its errors, `rota sim words`, the tables of docs/SCENARIOS.md and
 * the syntax files of the editors all come from these lists. A test runs every example. X(NAME,
 * word, syntax, meaning, example). */
#ifndef ROTA_HARNESS_LANGUAGE_KEYWORDS_H
#define ROTA_HARNESS_LANGUAGE_KEYWORDS_H

#include <stddef.h>

/* Words that begin a line. An action begins one, too. */
#define ROTA_STATEMENT_MAP(X)                                                                      \
    X(SCENARIO, "scenario", "scenario \"TITLE\"", "the title; every file has exactly one",         \
      "scenario \"a lock by hand\"")                                                               \
    X(LABELS, "labels", "labels WORD...", "words that say what the scenario is about",             \
      "labels master pause")                                                                       \
    X(SEED, "seed", "seed N", "the seed of all random choices; 1 unless given", "seed 7")          \
    X(PROTOCOL, "protocol", "protocol NAME", "the protocol whose roles run; `rota` unless given",  \
      "protocol rota")                                                                             \
    X(CLUSTER, "cluster", "cluster KEY=VALUE...",                                                  \
      "the processes, the servers and their settings; stands before the first name of a "          \
      "process",                                                                                   \
      "cluster masters=3 workers=2 session=4s")                                                    \
    X(TAGS, "tags", "tags WORKER TAG...",                                                          \
      "the tags of that worker; stands before the statement that starts it", "tags w1 gpu ssd")    \
    X(AT, "at", "at TIME ACTION", "does the action at that time after the start of the run",       \
      "at 9s crash m1")                                                                            \
    X(AFTER, "after", "after DURATION ACTION",                                                     \
      "waits that long after the statement before it, then does the action", "after 2s crash m1")  \
    X(ON, "on", "on WHO before|after OP GLOB [nth=N|every] ACTION",                                \
      "does the action when WHO is about to send such a request, or when the server has "          \
      "applied it and the reply has not arrived yet",                                              \
      "on w1 before create /tasks/*/status crash w1")                                              \
    X(UNTIL, "until", "until CONDITION within DURATION",                                           \
      "waits until the condition is true; fails if it is not true in time",                        \
      "until done t1 within 9s")                                                                   \
    X(EXPECT, "expect", "expect CONDITION [within DURATION]",                                      \
      "the condition must be true now, or become true in time", "expect done all within 30s")      \
    X(ALWAYS, "always", "always INVARIANT... [without INVARIANT...]",                              \
      "names invariants that are checked after every event, as all of them are; `without` "        \
      "turns others off",                                                                          \
      "always one-assignment capacity without progress")                                           \
    X(NEVER, "never", "never CONDITION",                                                           \
      "from here on, fails when the condition is true after an event", "never leaders > 1")        \
    X(WITHOUT, "without", "without INVARIANT...", "turns invariants off", "without progress")      \
    X(SOMETIMES, "sometimes", "sometimes MARK", "a mark in the code that the run must reach",      \
      "sometimes takeover-with-backlog\ncrash leader")                                             \
    X(STEP, "step", "step NAME: ACTION", "names an action for `permute`",                          \
      "step one: crash m1\nstep two: restart w1\npermute one two")                                 \
    X(PERMUTE, "permute", "permute NAME NAME...",                                                  \
      "does those steps in every order, one run for each order",                                   \
      "step one: crash m1\nstep two: elect\npermute one two")                                      \
    X(ZK, "zk", "zk SESSION: [COMMAND]",                                                           \
      "a zkCli session types the command and prints exactly the lines between two lines "          \
      "`----`",                                                                                    \
      "zk z1: get /tasks/t1/none\n----\nNode does not exist: /tasks/t1/none\n----")                \
    X(TRACE, "trace", "trace",                                                                     \
      "the trace from here on is the lines between two lines `----`; `--rewrite` replaces "        \
      "them",                                                                                      \
      "scenario \"a lonely master\"\ncluster masters=1 workers=0 clients=0\n\nstart m1\ntrace\n"   \
      "----\n[    <any>s] m1     session <n> opened, timeout <n> ms\n"                             \
      "[    <any>s] m1     elected leader, epoch <n>\n"                                            \
      "[    <any>s] m1     took over: 0 workers, 0 assignments, 0 tasks listed\n----")

/* Actions. */
#define ROTA_SCRIPT_MAP(X)                                                                         \
    X(START, "start", "start WHO",                                                                 \
      "starts it; `start all` starts masters, workers and clients, ten milliseconds apart",        \
      "crash m2\nafter 1s start m2")                                                               \
    X(STOP, "stop", "stop WHO",                                                                    \
      "ends it in good order, as SIGTERM does; a server stops as by `crash`", "stop w1")           \
    X(CRASH, "crash", "crash WHO", "kills it, as SIGKILL does; what it has sent still arrives",    \
      "crash any worker")                                                                          \
    X(RESTART, "restart", "restart WHO", "a crash and a start: a new session, nothing remembered", \
      "restart leader")                                                                            \
    X(PAUSE, "pause", "pause WHO [work] [for D]",                                                  \
      "stops the whole process; its running tasks go on, unless `work` pauses them too",           \
      "pause w1 work for 15s")                                                                     \
    X(RESUME, "resume", "resume WHO", "ends a pause", "pause standby\nafter 3s resume m2")         \
    X(EXPIRE, "expire", "expire WHO",                                                              \
      "the server ends its session; it learns that as a real process would", "expire leader")      \
    X(DISCONNECT, "disconnect", "disconnect WHO [for D]",                                          \
      "cuts its connection on both ends; it reaches no server until it is healed; a server "       \
      "reaches no server and no client",                                                           \
      "disconnect c1 for 12s")                                                                     \
    X(PARTITION, "partition", "partition A.. | B.. [| C..]",                                       \
      "names on one side do not reach names on another side; a process or server that is not "     \
      "named reaches all",                                                                         \
      "partition m1 s1 | s2 s3\nafter 20s heal all")                                               \
    X(HEAL, "heal", "heal [WHO|all]", "ends cuts and partitions; alone it is `heal all`",          \
      "disconnect w1\nafter 5s heal w1")                                                           \
    X(CONNLOSS, "connloss", "connloss WHO lost|applied|late D|throttled",                          \
      "its connection is lost around its next request: the request never arrives, is applied "     \
      "without a reply, or is applied at most D later and before every later write of its "        \
      "session; `throttled`: a busy server answers the request without executing it, and the "     \
      "connection lives",                                                                          \
      "connloss leader late 2s\nafter 1s connloss w1 throttled")                                   \
    X(LAG, "lag", "lag sN D", "that server applies transactions of the leader D later",            \
      "lag s3 500ms")                                                                              \
    X(ELECT, "elect", "elect",                                                                     \
      "the leading server steps down, all connections break, and another server is elected",       \
      "elect")                                                                                     \
    X(SKEW, "skew", "skew WHO +N%|-N%", "its clock runs that much faster or slower; 0% ends that", \
      "skew w1 -20%")                                                                              \
    X(SLOW, "slow", "slow WHO D", "each of its messages takes D longer", "slow c1 20ms")           \
    X(SUBMIT, "submit", "submit WHO N tasks [OPTION=VALUE...]",                                    \
      "submits tasks, named t1, t2, ... in the order of the file, or by `id`; a client that "      \
      "is not running submits them when it starts",                                                \
      "submit c1 5 tasks work=50ms..200ms fail=10%")                                               \
    X(CANCEL, "cancel", "cancel TASK", "as `rota cancel` does", "cancel t4")                       \
    X(RETRY, "retry", "retry TASK",                                                                \
      "as `rota retry` does: a finished task is retried, another one is refused",                  \
      "submit c1 1 task id=bad fail=100%\nuntil failed bad within 9s\nretry bad")                  \
    X(DRAIN, "drain", "drain WORKER", "as `rota drain` does: it gets no new task", "drain w1")

/* Conditions. */
#define ROTA_CONDITION_MAP(X)                                                                      \
    X(LEADER, "leader", "leader WHO",                                                              \
      "that master acts as leader, whatever `/master` says: it was elected, runs, is not "         \
      "paused and is connected",                                                                   \
      "expect leader m1")                                                                          \
    X(LEADERS, "leaders", "leaders OP N", "the number of masters that act as leader",              \
      "never leaders > 1")                                                                         \
    X(DONE, "done", "done TASK|all",                                                               \
      "the final status of the task is `done`, also after collection; `all`: of every task "       \
      "submitted so far, and there is at least one",                                               \
      "expect done all within 30s")                                                                \
    X(FAILED, "failed", "failed TASK", "the same for `failed`",                                    \
      "submit c1 1 task fail=100% id=bad\nexpect failed bad within 9s")                            \
    X(DEAD, "dead", "dead TASK", "the same for `dead`", "expect missing /nothing\nnever dead t1")  \
    X(CANCELLED, "cancelled", "cancelled TASK", "the same for `cancelled`", "never cancelled t1")  \
    X(EXPIRED, "expired", "expired TASK", "the same for `expired`", "never expired t1")            \
    X(SKIPPED, "skipped", "skipped TASK", "the same for `skipped`", "never skipped t1")            \
    X(STATE, "state", "state TASK WORD", "the state of the task now",                              \
      "until state t1 running within 9s")                                                          \
    X(ATTEMPTS, "attempts", "attempts TASK OP N", "the highest number of an attempt",              \
      "until attempts t1 == 1 within 5s")                                                          \
    X(EXECUTIONS, "executions", "executions TASK OP N", "the number of runs that have begun",      \
      "until executions t4 == 1 within 9s")                                                        \
    X(PROGRESS, "progress", "progress TASK OP N",                                                  \
      "the number of progress lines written into the tree so far",                                 \
      "submit c1 1 task id=long work=9s progress=8\nuntil progress long >= 2 within 20s")          \
    X(HISTORY, "history", "history TASK OP N",                                                     \
      "the number of ended attempts in the history of the task in the tree, or in its last "       \
      "history",                                                                                   \
      "submit c1 1 task id=bad fail=100%\nuntil history bad == 1 within 20s")                      \
    X(REFUSED, "refused", "refused WHO OP N",                                                      \
      "the number of its requests that changed nothing because its right was gone: bad "           \
      "version, an ended session, an unknown outcome that was not applied",                        \
      "expect refused all == 0")                                                                   \
    X(WORKERS, "workers", "workers OP N", "the number of workers registered now",                  \
      "until workers == 2 within 5s")                                                              \
    X(ASSIGNED, "assigned", "assigned WORKER|all OP N",                                            \
      "the number of assignments committed so far", "until assigned w1 >= 2 within 9s")            \
    X(EXISTS, "exists", "exists PATH", "the znode exists now", "expect exists /workers/w1")        \
    X(MISSING, "missing", "missing PATH", "the znode does not exist now",                          \
      "until missing /tasks/t1 within 9s")                                                         \
    X(DATA, "data", "data PATH \"TEXT\"",                                                          \
      "the znode holds this text now; the first line of a status is enough",                       \
      "submit c1 1 task work=9s payload=\"a b\" id=x\nexpect data /tasks/x \"a b\" within 1s")     \
    X(CHILDREN, "children", "children PATH OP N", "the number of children of the znode now",       \
      "expect children /tasks == 4")                                                               \
    X(ZNODES, "znodes", "znodes OP N", "the number of znodes now, including ZooKeeper's own",      \
      "expect znodes > 10")

/* Keys of `cluster`. */
#define ROTA_CLUSTER_MAP(X)                                                                        \
    X(MASTERS, "masters", "masters=2", "masters m1, m2, ...", "cluster masters=3")                 \
    X(WORKERS, "workers", "workers=2", "workers w1, w2, ...", "cluster workers=4")                 \
    X(CLIENTS, "clients", "clients=1", "clients c1, c2, ...", "cluster clients=2")                 \
    X(SERVERS, "servers", "servers=1",                                                             \
      "servers s1, s2, ..., at most nine; more than one are an ensemble", "cluster servers=5")     \
    X(SLOTS, "slots", "slots=1", "tasks that each worker runs at once", "cluster slots=3")         \
    X(RETRIES, "retries", "retries=0", "how many failures of a task are retried",                  \
      "cluster retries=2")                                                                         \
    X(LOSSES, "losses", "losses=5", "the number of lost workers after which a task is dead",       \
      "cluster losses=2")                                                                          \
    X(SESSION, "session", "session=10s", "the session timeout that every process asks for",        \
      "cluster session=4s")                                                                        \
    X(TICK, "tick", "tick=2s", "the servers' tick time", "cluster tick=1s")                        \
    X(LATENCY, "latency", "latency=1ms", "the average latency of a message",                       \
      "cluster latency=5ms")                                                                       \
    X(LAG, "lag", "lag=0", "how much later every follower of an ensemble applies transactions",    \
      "cluster servers=3 lag=50ms")                                                                \
    X(SYNC, "sync", "sync=leader",                                                                 \
      "`sync=quorum`: a sync waits for a quorum, which ZooKeeper's does not (S96)",                \
      "cluster servers=3 sync=quorum")                                                             \
    X(COUNTER, "counter", "counter=0",                                                             \
      "znodes created under /tasks before the run: the number of the next sequential name "        \
      "there",                                                                                     \
      "cluster counter=2147483000")                                                                \
    X(BACKOFF, "backoff", "backoff=1s",                                                            \
      "the wait before the first retry of a task; doubled with each retry",                        \
      "cluster backoff=100ms retries=1")

/* Options of `submit`. */
#define ROTA_SUBMIT_MAP(X)                                                                         \
    X(WORK, "work", "work=D..D", "how long a run takes; one duration alone is exact",              \
      "submit c1 1 task work=50ms..200ms")                                                         \
    X(FAIL, "fail", "fail=P%", "the share of runs that fail", "submit c1 4 tasks fail=50%")        \
    X(KILL, "kill", "kill=P%", "the share of runs that crash their worker, which stays down",      \
      "submit c1 1 task kill=1%")                                                                  \
    X(PAYLOAD, "payload", "payload=TEXT", "what the worker receives",                              \
      "submit c1 1 task payload=\"a b\"")                                                          \
    X(ID, "id", "id=NAME|*",                                                                       \
      "the name of the task; several are named NAME-1, NAME-2, ...; `*`: the client chooses "      \
      "the names",                                                                                 \
      "submit c1 2 tasks id=x\nuntil done x-2 within 9s")                                          \
    X(PRIORITY, "priority", "priority=N",                                                          \
      "a higher one goes first; from -1000 to 1000, 0 unless given",                               \
      "submit c1 1 task priority=9")                                                               \
    X(TIMEOUT, "timeout", "timeout=D", "a run that takes longer is ended and has failed",          \
      "submit c1 1 task work=1s timeout=5s")                                                       \
    X(RETRIES, "retries", "retries=N",                                                             \
      "how many failures are retried; the cluster's unless given", "submit c1 1 task retries=3")   \
    X(BACKOFF, "backoff", "backoff=D",                                                             \
      "the wait before the first retry; the cluster's unless given",                               \
      "submit c1 1 task retries=1 backoff=10ms")                                                   \
    X(EXPIRES, "expires", "expires=D", "a task that has not begun by then ends as `expired`",      \
      "submit c1 1 task expires=1m")                                                               \
    X(DELAY, "delay", "delay=D", "the task does not begin before that time has passed",            \
      "submit c1 1 task delay=2s")                                                                 \
    X(AFTER, "after", "after=NAME,NAME...",                                                        \
      "the tasks it depends on: it begins when they are done, and is `skipped` if one of "         \
      "them can no longer be done",                                                                \
      "submit c1 1 task after=t1,t4")                                                              \
    X(TAGS, "tags", "tags=TAG,TAG...",                                                             \
      "the task runs only on a worker that has all of these tags",                                 \
      "tags w1 gpu ssd\nsubmit c1 1 task tags=gpu")                                                \
    X(EXIT, "exit", "exit=N,N...",                                                                 \
      "the exit statuses of the attempts in order, the last one for all later attempts; 0 is "     \
      "done",                                                                                      \
      "submit c1 1 task retries=2 exit=7,7,0")                                                     \
    X(FATAL, "fatal", "fatal=N,N...", "exit statuses that are not retried",                        \
      "submit c1 1 task retries=2 exit=7,9 fatal=9")                                               \
    X(PROGRESS, "progress", "progress=N",                                                          \
      "the lines of progress that a run writes, `1 of N` to `N of N`, spread evenly over its "     \
      "work",                                                                                      \
      "submit c1 1 task work=5s progress=20")

/* States of a task, for `state`. */
#define ROTA_STATE_MAP(X)                                                                          \
    X(ABSENT, "absent", "absent", "not in the tree: not submitted, or collected",                  \
      "submit c1 1 task id=x work=1s\nexpect state x absent")                                      \
    X(WAITING, "waiting", "waiting", "waits for a worker, a time or another task",                 \
      "submit c1 1 task id=x delay=9s\nuntil state x waiting within 9s")                           \
    X(RETRYING, "retrying", "retrying",                                                            \
      "waits after a worker handed it back or a person retried it",                                \
      "submit c1 1 task id=x fail=100% retries=1\nuntil state x retrying within 20s")              \
    X(ASSIGNED, "assigned", "assigned", "a worker has it and does not run it",                     \
      "submit c1 1 task id=x work=1s\nuntil state x assigned within 20s")                          \
    X(RUNNING, "running", "running", "a worker runs it", "until state t1 running within 9s")       \
    X(DONE, "done", "done", "its final status is `done`, and it is not collected",                 \
      "until state t1 done within 9s")                                                             \
    X(FAILED, "failed", "failed", "the same for `failed`",                                         \
      "submit c1 1 task id=x exit=1\nuntil state x failed within 9s")                              \
    X(DEAD, "dead", "dead", "the same for `dead`", "expect missing /nothing\nnever state t1 dead") \
    X(CANCELLED, "cancelled", "cancelled", "the same for `cancelled`", "never state t1 cancelled") \
    X(EXPIRED, "expired", "expired", "the same for `expired`", "never state t1 expired")           \
    X(SKIPPED, "skipped", "skipped", "the same for `skipped`", "never state t1 skipped")

/* Names of processes, servers and sets. */
#define ROTA_WHO_MAP(X)                                                                            \
    X(MASTER, "m1", "m1, m2, ...", "masters", "crash m1")                                          \
    X(WORKER, "w1", "w1, w2, ...", "workers", "crash w2")                                          \
    X(CLIENT, "c1", "c1, c2, ...", "clients", "restart c1")                                        \
    X(SERVER, "s1", "s1, s2, ...",                                                                 \
      "servers, for `start stop crash restart pause resume disconnect lag heal partition`",        \
      "pause s2 for 3s")                                                                           \
    X(OPERATOR, "o1", "o1, o2, ...",                                                               \
      "the processes of `cancel`, `retry` and `drain`, in the order of the file; each runs "       \
      "from its request to its answer",                                                            \
      "on o1 before create /cancel/* connloss o1 applied\nafter 1s cancel t1")                     \
    X(LEADER, "leader", "leader", "the master that leads at that moment", "pause leader for 15s")  \
    X(STANDBY, "standby", "standby", "the first running master that does not lead",                \
      "crash standby")                                                                             \
    X(ANY_WORKER, "any", "any worker",                                                             \
      "a worker to which the action can apply, chosen by the seed; after `on any worker` the "     \
      "worker that sent the request",                                                              \
      "expire any worker")                                                                         \
    X(ALL, "all", "all", "masters, workers and clients, in that order", "expire all")

/* Operations, in the order of enum rota_op. */
#define ROTA_OPERATION_MAP(X)                                                                      \
    X(CREATE, "create")                                                                            \
    X(DELETE, "delete")                                                                            \
    X(SET, "set")                                                                                  \
    X(CHECK, "check")                                                                              \
    X(GET, "get")                                                                                  \
    X(EXISTS, "exists")                                                                            \
    X(CHILDREN, "children")                                                                        \
    X(MULTI, "multi")                                                                              \
    X(SYNC, "sync")                                                                                \
    X(GET_ACL, "get_acl")                                                                          \
    X(SET_ACL, "set_acl")                                                                          \
    X(ADD_AUTH, "add_auth")                                                                        \
    X(CLOSE, "close")

/* The other words of the language. */
#define ROTA_PARTICLE_MAP(X)                                                                       \
    X(BEFORE, "before")                                                                            \
    X(AFTER, "after")                                                                              \
    X(NTH, "nth")                                                                                  \
    X(EVERY, "every")                                                                              \
    X(WITHIN, "within")                                                                            \
    X(FOR, "for")                                                                                  \
    X(WORK, "work")                                                                                \
    X(WORKER, "worker")                                                                            \
    X(TASK, "task")                                                                                \
    X(TASKS, "tasks")                                                                              \
    X(LOST, "lost")                                                                                \
    X(APPLIED, "applied")                                                                          \
    X(LATE, "late")

enum rota_keyword_kind {
    ROTA_KEYWORD_STATEMENT,
    ROTA_KEYWORD_ACTION,
    ROTA_KEYWORD_CONDITION,
    ROTA_KEYWORD_WHO,
    ROTA_KEYWORD_CLUSTER,
    ROTA_KEYWORD_SUBMIT,
    ROTA_KEYWORD_STATE,
    ROTA_KEYWORD_OPERATION,
    ROTA_KEYWORD_PARTICLE,
    ROTA_KEYWORD_INVARIANT,
    ROTA_KEYWORD_KINDS,
};

struct rota_keyword {
    const char *word;
    const char *syntax;  /* NULL: only the word */
    const char *meaning; /* NULL if the word needs none */
    const char *example; /* lines of a scenario; NULL if there is no syntax */
};

/* The words of a kind, in the order of its list; the entry after the last one has no word. Static
 * storage. Protocols and marks have lists of their own (protocol.h, model/base/mark.h). */
const struct rota_keyword *rota_keywords(enum rota_keyword_kind kind);

/* The name of a kind, such as "action". Static storage. */
const char *rota_keyword_kind_name(enum rota_keyword_kind kind);

/* The place of a word in the list of its kind, -1 if it is not in it. */
int rota_keyword_find(enum rota_keyword_kind kind, const char *word);

#endif
