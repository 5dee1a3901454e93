/* Every word of the scenario language, once: how it is written, what it means, an example.
 *
 * The parser, the nearest right word of an error, `rota sim words`, the tables of
 * docs/SCENARIOS.md and the syntax files of the editors all come from these lists. Every example is
 * run by a test. X(NAME, word, syntax, meaning, example). */
#ifndef ROTA_HARNESS_LANGUAGE_KEYWORDS_H
#define ROTA_HARNESS_LANGUAGE_KEYWORDS_H

#include <stddef.h>

/* What a line of its own can begin with, beside an action. */
#define ROTA_STATEMENT_MAP(X)                                                                      \
    X(SCENARIO, "scenario", "scenario \"TITLE\"", "what it is; the one line that no file lacks",   \
      "scenario \"a lock by hand\"")                                                               \
    X(LABELS, "labels", "labels WORD...", "what it is about", "labels master pause")               \
    X(SEED, "seed", "seed N", "where its choices come from; 1 unless said otherwise", "seed 7")    \
    X(PROTOCOL, "protocol", "protocol NAME", "whose roles run; `rota` unless said otherwise",      \
      "protocol rota")                                                                             \
    X(CLUSTER, "cluster", "cluster KEY=VALUE...", "who is there; it stands before the first name", \
      "cluster masters=3 workers=2 session=4s")                                                    \
    X(TAGS, "tags", "tags WORKER TAG...",                                                          \
      "what that worker carries; it stands before what starts the worker", "tags w1 gpu ssd")      \
    X(AT, "at", "at TIME ACTION", "at that time since the start", "at 9s crash m1")                \
    X(AFTER, "after", "after DURATION ACTION",                                                     \
      "lets that time pass since the statement before it, then does it", "after 2s crash m1")      \
    X(ON, "on", "on WHO before|after OP GLOB [nth=N|every] ACTION",                                \
      "when WHO is about to send such a request, or when the server has done it and the reply has" \
      " not arrived",                                                                              \
      "on w1 before create /tasks/*/status crash w1")                                              \
    X(UNTIL, "until", "until CONDITION within DURATION",                                           \
      "waits; fails if it does not become true in time", "until done t1 within 9s")                \
    X(EXPECT, "expect", "expect CONDITION [within DURATION]",                                      \
      "must be true now, or become true in time", "expect done all within 30s")                    \
    X(ALWAYS, "always", "always INVARIANT... [without INVARIANT...]",                              \
      "judged after every event, as all invariants are; `without` takes others off",               \
      "always one-assignment capacity without progress")                                           \
    X(NEVER, "never", "never CONDITION",                                                           \
      "fails as soon as it is true after an event, from here "                                     \
      "on",                                                                                        \
      "never leaders > 1")                                                                         \
    X(WITHOUT, "without", "without INVARIANT...", "takes invariants off", "without progress")      \
    X(SOMETIMES, "sometimes", "sometimes MARK", "a place in the code that must be reached",        \
      "sometimes takeover-with-backlog\ncrash leader")                                             \
    X(STEP, "step", "step NAME: ACTION", "names an action for `permute`",                          \
      "step one: crash m1\nstep two: restart w1\npermute one two")                                 \
    X(PERMUTE, "permute", "permute NAME NAME...", "those steps, in every order: one run each",     \
      "step one: crash m1\nstep two: elect\npermute one two")                                      \
    X(ZK, "zk", "zk SESSION: [COMMAND]",                                                           \
      "a zkCli session types the command and prints exactly the lines between two lines `----`",   \
      "zk z1: get /tasks/t1/none\n----\nNode does not exist: /tasks/t1/none\n----")                \
    X(TRACE, "trace", "trace",                                                                     \
      "the lines between two lines `----` are the trace from here; `--rewrite` writes them anew",  \
      "scenario \"a lonely master\"\ncluster masters=1 workers=0 clients=0\n\nstart m1\ntrace\n"   \
      "----\n[    <any>s] m1     session <n> opened, timeout <n> ms\n"                             \
      "[    <any>s] m1     elected leader, epoch <n>\n"                                            \
      "[    <any>s] m1     took over: 0 workers, 0 assignments, 0 tasks listed\n----")

/* Actions. */
#define ROTA_SCRIPT_MAP(X)                                                                         \
    X(START, "start", "start WHO", "`start all` starts everybody, ten milliseconds apart",         \
      "crash m2\nafter 1s start m2")                                                               \
    X(STOP, "stop", "stop WHO", "as by SIGTERM: it ends in good order; a server as by `crash`",    \
      "stop w1")                                                                                   \
    X(CRASH, "crash", "crash WHO", "as by SIGKILL; what it has sent still arrives",                \
      "crash any worker")                                                                          \
    X(RESTART, "restart", "restart WHO", "a crash and a start: a new session, nothing remembered", \
      "restart leader")                                                                            \
    X(PAUSE, "pause", "pause WHO [work] [for D]",                                                  \
      "it stands still whole; the work of its tasks goes on, unless `work` pauses too",            \
      "pause w1 work for 15s")                                                                     \
    X(RESUME, "resume", "resume WHO", "it goes on", "pause standby\nafter 3s resume m2")           \
    X(EXPIRE, "expire", "expire WHO",                                                              \
      "the server ends its session; it learns that as a real process would", "expire leader")      \
    X(DISCONNECT, "disconnect", "disconnect WHO [for D]",                                          \
      "both ends see the cut; no server can be reached until healed; a server reaches nobody",     \
      "disconnect c1 for 12s")                                                                     \
    X(PARTITION, "partition", "partition A.. | B.. [| C..]",                                       \
      "who stands on one side reaches nobody on another, who is not named reaches everyone",       \
      "partition m1 s1 | s2 s3\nafter 20s heal all")                                               \
    X(HEAL, "heal", "heal [WHO|all]", "ends cuts and partitions; alone it is `heal all`",          \
      "disconnect w1\nafter 5s heal w1")                                                           \
    X(CONNLOSS, "connloss", "connloss WHO lost|applied|late D",                                    \
      "its connection is lost around its next request, which never arrives, is done without an "   \
      "answer, or is done D later at the latest and before every later write of its session",      \
      "connloss leader late 2s")                                                                   \
    X(LAG, "lag", "lag sN D", "that server applies what the leader has ordered D later",           \
      "lag s3 500ms")                                                                              \
    X(ELECT, "elect", "elect",                                                                     \
      "the leading server steps down, all connections break, another one is elected", "elect")     \
    X(SKEW, "skew", "skew WHO +N%|-N%",                                                            \
      "its clock runs that much faster or slower; 0% again right", "skew w1 -20%")                 \
    X(SLOW, "slow", "slow WHO D", "each of its messages takes D longer", "slow c1 20ms")           \
    X(SUBMIT, "submit", "submit WHO N tasks [OPTION=VALUE...]",                                    \
      "named t1, t2, ... in the order of the file, or by `id`; a client that does not run is "     \
      "waited for",                                                                                \
      "submit c1 5 tasks work=50ms..200ms fail=10%")                                               \
    X(CANCEL, "cancel", "cancel TASK", "as by `rota cancel`", "cancel t4")                         \
    X(RETRY, "retry", "retry TASK",                                                                \
      "as by `rota retry`: one that has ended is sent back, another one is refused",               \
      "submit c1 1 task id=bad fail=100%\nuntil failed bad within 9s\nretry bad")                  \
    X(DRAIN, "drain", "drain WORKER", "as by `rota drain`: it takes nothing new", "drain w1")

/* Conditions. */
#define ROTA_CONDITION_MAP(X)                                                                      \
    X(LEADER, "leader", "leader WHO",                                                              \
      "that master acts as leader, whatever `/master` says: it was elected, runs, does not stand " \
      "still, and is connected",                                                                   \
      "expect leader m1")                                                                          \
    X(LEADERS, "leaders", "leaders OP N", "so many do", "never leaders > 1")                       \
    X(DONE, "done", "done TASK|all",                                                               \
      "it has ended so, and stays so when it was collected; `all`: every task submitted so far, "  \
      "and there is one",                                                                          \
      "expect done all within 30s")                                                                \
    X(FAILED, "failed", "failed TASK", "the same",                                                 \
      "submit c1 1 task fail=100% id=bad\nexpect failed bad within 9s")                            \
    X(DEAD, "dead", "dead TASK", "the same", "expect missing /nothing\nnever dead t1")             \
    X(CANCELLED, "cancelled", "cancelled TASK", "the same", "never cancelled t1")                  \
    X(EXPIRED, "expired", "expired TASK", "the same", "never expired t1")                          \
    X(SKIPPED, "skipped", "skipped TASK", "the same", "never skipped t1")                          \
    X(STATE, "state", "state TASK WORD", "what it is now", "until state t1 running within 9s")     \
    X(ATTEMPTS, "attempts", "attempts TASK OP N", "the highest number of an attempt",              \
      "until attempts t1 == 1 within 5s")                                                          \
    X(EXECUTIONS, "executions", "executions TASK OP N", "runs begun",                              \
      "until executions t4 == 1 within 9s")                                                        \
    X(PROGRESS, "progress", "progress TASK OP N",                                                  \
      "lines of its progress that ever stood in the tree",                                         \
      "submit c1 1 task id=long work=9s progress=8\nuntil progress long >= 2 within 20s")          \
    X(HISTORY, "history", "history TASK OP N",                                                     \
      "attempts that have ended and that its history in the tree tells, or last told",             \
      "submit c1 1 task id=bad fail=100%\nuntil history bad == 1 within 20s")                      \
    X(REFUSED, "refused", "refused WHO OP N",                                                      \
      "its requests that changed nothing because the right was gone: bad version, an ended "       \
      "session, an unknown outcome that was not applied",                                          \
      "expect refused all == 0")                                                                   \
    X(WORKERS, "workers", "workers OP N", "registered now", "until workers == 2 within 5s")        \
    X(ASSIGNED, "assigned", "assigned WORKER|all OP N", "assignments ever committed",              \
      "until assigned w1 >= 2 within 9s")                                                          \
    X(EXISTS, "exists", "exists PATH", "the tree now", "expect exists /workers/w1")                \
    X(MISSING, "missing", "missing PATH", "the tree now", "until missing /tasks/t1 within 9s")     \
    X(DATA, "data", "data PATH \"TEXT\"",                                                          \
      "the tree now; of a task's status its first line is enough",                                 \
      "submit c1 1 task work=9s payload=\"a b\" id=x\nexpect data /tasks/x \"a b\" within 1s")     \
    X(CHILDREN, "children", "children PATH OP N", "the tree now", "expect children /tasks == 4")   \
    X(ZNODES, "znodes", "znodes OP N", "the tree now, with ZooKeeper's own", "expect znodes > 10")

/* Keys of `cluster`. */
#define ROTA_PROPERTY_MAP(X)                                                                       \
    X(MASTERS, "masters", "masters=2", "m1, m2, ...", "cluster masters=3")                         \
    X(WORKERS, "workers", "workers=2", "w1, w2, ...", "cluster workers=4")                         \
    X(CLIENTS, "clients", "clients=1", "c1, c2, ...", "cluster clients=2")                         \
    X(SERVERS, "servers", "servers=1", "s1, s2, ...: more than one are an ensemble; up to nine",   \
      "cluster servers=5")                                                                         \
    X(SLOTS, "slots", "slots=1", "runs at once, of each worker", "cluster slots=3")                \
    X(RETRIES, "retries", "retries=0", "failures after which a task is tried again",               \
      "cluster retries=2")                                                                         \
    X(LOSSES, "losses", "losses=5", "workers lost under a task before it is dead",                 \
      "cluster losses=2")                                                                          \
    X(SESSION, "session", "session=10s", "the session timeout everybody asks for",                 \
      "cluster session=4s")                                                                        \
    X(TICK, "tick", "tick=2s", "the servers' tick", "cluster tick=1s")                             \
    X(LATENCY, "latency", "latency=1ms", "of a message, on average", "cluster latency=5ms")        \
    X(LAG, "lag", "lag=0", "how much later every follower of an ensemble applies",                 \
      "cluster servers=3 lag=50ms")                                                                \
    X(SYNC, "sync", "sync=leader",                                                                 \
      "`sync=quorum`: a sync asks for a quorum, which ZooKeeper's does not (S96)",                 \
      "cluster servers=3 sync=quorum")                                                             \
    X(COUNTER, "counter", "counter=0",                                                             \
      "znodes made under /tasks before: the number of the next sequential name there",             \
      "cluster counter=2147483000")                                                                \
    X(BACKOFF, "backoff", "backoff=1s", "before the first retry of a task; doubled with each",     \
      "cluster backoff=100ms retries=1")

/* Options of `submit`. */
#define ROTA_OPTION_MAP(X)                                                                         \
    X(WORK, "work", "work=D..D", "how long a run takes; one duration alone is exact",              \
      "submit c1 1 task work=50ms..200ms")                                                         \
    X(FAIL, "fail", "fail=P%", "the share of runs that fail", "submit c1 4 tasks fail=50%")        \
    X(KILL, "kill", "kill=P%", "the share of runs that end their worker, which nobody restarts",   \
      "submit c1 1 task kill=1%")                                                                  \
    X(PAYLOAD, "payload", "payload=TEXT", "what the worker receives",                              \
      "submit c1 1 task payload=\"a b\"")                                                          \
    X(ID, "id", "id=NAME|*",                                                                       \
      "the task's name; of several NAME-1, NAME-2, ...; `*`: the client chooses it itself",        \
      "submit c1 2 tasks id=x\nuntil done x-2 within 9s")                                          \
    X(PRIORITY, "priority", "priority=N", "higher goes first; from -1000 to 1000, 0 unless said",  \
      "submit c1 1 task priority=9")                                                               \
    X(TIMEOUT, "timeout", "timeout=D", "a run that takes longer is ended and has failed",          \
      "submit c1 1 task work=1s timeout=5s")                                                       \
    X(RETRIES, "retries", "retries=N",                                                             \
      "failures after which it is tried again; else the cluster's", "submit c1 1 task retries=3")  \
    X(BACKOFF, "backoff", "backoff=D", "before its first retry; else the cluster's",               \
      "submit c1 1 task retries=1 backoff=10ms")                                                   \
    X(EXPIRES, "expires", "expires=D", "if it has not begun by then it ends as `expired`",         \
      "submit c1 1 task expires=1m")                                                               \
    X(DELAY, "delay", "delay=D", "it does not begin before", "submit c1 1 task delay=2s")          \
    X(AFTER, "after", "after=NAME,NAME...",                                                        \
      "it begins when these are done, and is `skipped` if one of them cannot be",                  \
      "submit c1 1 task after=t1,t4")                                                              \
    X(TAGS, "tags", "tags=TAG,TAG...", "it runs only on a worker that carries them all",           \
      "tags w1 gpu ssd\nsubmit c1 1 task tags=gpu")                                                \
    X(EXIT, "exit", "exit=N,N...",                                                                 \
      "the exit statuses of its attempts, in turn, the last one for all that follow; 0 is done",   \
      "submit c1 1 task retries=2 exit=7,7,0")                                                     \
    X(FATAL, "fatal", "fatal=N,N...", "exit statuses after which it is never tried again",         \
      "submit c1 1 task retries=2 exit=7,9 fatal=9")                                               \
    X(PROGRESS, "progress", "progress=N",                                                          \
      "lines of progress that a run writes, `1 of N` to `N of N`, spread evenly over its work",    \
      "submit c1 1 task work=5s progress=20")

/* What `state` can say of a task. */
#define ROTA_STATE_MAP(X)                                                                          \
    X(ABSENT, "absent", "absent", "not in the tree: not submitted, or collected",                  \
      "submit c1 1 task id=x work=1s\nexpect state x absent")                                      \
    X(WAITING, "waiting", "waiting", "for a worker, a time or another task",                       \
      "submit c1 1 task id=x delay=9s\nuntil state x waiting within 9s")                           \
    X(RETRYING, "retrying", "retrying", "the same, and it was handed back or sent back",           \
      "submit c1 1 task id=x fail=100% retries=1\nuntil state x retrying within 20s")              \
    X(ASSIGNED, "assigned", "assigned", "a worker has it and does not run it",                     \
      "submit c1 1 task id=x work=1s\nuntil state x assigned within 20s")                          \
    X(RUNNING, "running", "running", "a worker runs it", "until state t1 running within 9s")       \
    X(DONE, "done", "done", "its status says so; it was not collected",                            \
      "until state t1 done within 9s")                                                             \
    X(FAILED, "failed", "failed", "the same",                                                      \
      "submit c1 1 task id=x exit=1\nuntil state x failed within 9s")                              \
    X(DEAD, "dead", "dead", "the same", "expect missing /nothing\nnever state t1 dead")            \
    X(CANCELLED, "cancelled", "cancelled", "the same", "never state t1 cancelled")                 \
    X(EXPIRED, "expired", "expired", "the same", "never state t1 expired")                         \
    X(SKIPPED, "skipped", "skipped", "the same", "never state t1 skipped")

/* Who. */
#define ROTA_PERSON_MAP(X)                                                                         \
    X(MASTER, "m1", "m1, m2, ...", "masters", "crash m1")                                          \
    X(WORKER, "w1", "w1, w2, ...", "workers", "crash w2")                                          \
    X(CLIENT, "c1", "c1, c2, ...", "clients", "restart c1")                                        \
    X(SERVER, "s1", "s1, s2, ...",                                                                 \
      "servers: `start stop crash restart pause resume disconnect lag heal partition`",            \
      "pause s2 for 3s")                                                                           \
    X(OPERATOR, "o1", "o1, o2, ...",                                                               \
      "the processes of `cancel`, `retry` and `drain`, in the order of the file, from when they "  \
      "are asked until they have their answer",                                                    \
      "on o1 before create /cancel/* connloss o1 applied\nafter 1s cancel t1")                     \
    X(LEADER, "leader", "leader", "the master that leads then", "pause leader for 15s")            \
    X(STANDBY, "standby", "standby", "the first master that runs and does not lead",               \
      "crash standby")                                                                             \
    X(ANY_WORKER, "any", "any worker",                                                             \
      "one that it can befall, drawn from the seed; behind `on any worker` the one whose request " \
      "it was",                                                                                    \
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

/* The other words that have a place of their own. */
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
    ROTA_LEXES,
};

struct rota_keyword {
    const char *word;
    const char *syntax;  /* NULL: the word alone */
    const char *meaning; /* NULL where the word alone says it */
    const char *example; /* lines of a scenario; NULL where there is no syntax */
};

/* The entries of a kind, in the order of its list; what follows the last has no word. Static
 * storage. Protocols and marks have lists of their own (protocol.h, model/base/mark.h). */
const struct rota_keyword *rota_keywords(enum rota_keyword_kind lexis);

/* The name of a kind, such as "action". Static storage. */
const char *rota_keyword_kind_name(enum rota_keyword_kind lexis);

/* The place of a word in the list of its kind, -1 if it is not in it. */
int rota_keyword_find(enum rota_keyword_kind lexis, const char *word);

#endif
