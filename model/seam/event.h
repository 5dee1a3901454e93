/* Events for a role and actions of a role: plain data in both directions.
 *
 * A step is (state, event) -> actions. A role is level-triggered: an event is a hint to read again,
 * never the proof that something happened once. The role compares what it reads with what should
 * be. */
#ifndef ROTA_MODEL_SEAM_EVENT_H
#define ROTA_MODEL_SEAM_EVENT_H

#include "model/base/trace.h"
#include "model/seam/backend.h"

/* The outcome of a request (docs/BACKEND.md). */
enum rota_outcome {
    ROTA_DONE,    /* the server carried it out */
    ROTA_REFUSED, /* the server did not carry it out; `rc` says why */
    ROTA_UNKNOWN, /* it was, will be, or will never be carried out. The role resolves this by
                     reading after the next UP, which follows a sync */
};

/* Whether the session is certain to live, judged by the last request that the leader acknowledged.
 */
enum rota_lease {
    ROTA_LEASE_GOOD, /* sent within the last two thirds of the session timeout */
    ROTA_LEASE_LOW,  /* longer ago: take no new work (hazard 7) */
    ROTA_LEASE_OVER, /* nearly a timeout ago: end the runs, their tasks may soon be reassigned */
};

enum rota_event_kind {
    ROTA_EVENT_START,    /* the first event of a process */
    ROTA_EVENT_UP,       /* requests may be sent; none is outstanding; a sync has succeeded */
    ROTA_EVENT_DOWN,     /* no requests until the next UP; replies to earlier ones still come */
    ROTA_EVENT_LOST,     /* the session has ended, no request is outstanding: drop everything that
                            was read in it (hazard 14) */
    ROTA_EVENT_FAILED,   /* no UP will come: no server in time, or the credentials are refused */
    ROTA_EVENT_REPLY,    /* to a request of this role */
    ROTA_EVENT_WATCH,    /* a watch fired: read again */
    ROTA_EVENT_LEASE,    /* the lease was renewed or has run low; until LOST also while down */
    ROTA_EVENT_TICK,     /* the time has come that the role asked for */
    ROTA_EVENT_STOP,     /* end in good order; the second one: end at once */
    ROTA_EVENT_FINISHED, /* worker: a run has ended */
    ROTA_EVENT_PROGRESS, /* worker: a run reported its progress */
    ROTA_EVENT_SUBMIT,   /* client: submit a task */
    ROTA_EVENT_WAIT,     /* client: wait for a task that exists; operator: act on this object */
    ROTA_EVENT_COLLECT,  /* client: the result was delivered, remove the task */
    ROTA_EVENT_CLOSE_INPUT, /* client, operator: no SUBMIT or WAIT follows */
};

/* How a run ended. */
enum rota_ending {
    ROTA_ENDING_SUCCESS, /* its task gets the status `done` */
    ROTA_ENDING_FAILURE, /* its task gets the status `failed`, with the reason, or is retried */
    ROTA_ENDING_STOPPED, /* the worker ended it: there is no result */
};

struct rota_event {
    enum rota_event_kind kind;
    rota_time now;
    union {
        struct {
            bool fresh;          /* a new session, not the one of the last UP */
            int64_t session;     /* session id */
            uint32_t timeout_ms; /* as negotiated */
        } up;
        struct {
            int32_t rc; /* why, if the connection lives; 0: it was lost */
        } down;
        struct {
            int32_t rc; /* why */
        } failed;
        struct {
            enum rota_outcome outcome;
            const struct rota_reply *body; /* borrowed for the step. `tag` and `rc` are set for
                                              every outcome, the results for a refused multi, the
                                              rest for DONE */
        } reply;
        struct {
            enum rota_watch_kind kind;
            const char *path;
        } watch;
        struct {
            enum rota_lease state;
            rota_time until; /* runs may go on until then */
        } lease;
        struct {
            uint64_t run; /* as given with ROTA_ACTION_RUN */
            enum rota_ending ending;
            struct rota_bytes output; /* the result: standard output */
            const char *reason;       /* FAILURE: one line, such as "exit status 3" */
            struct rota_bytes errors; /* FAILURE: the end of standard error */
            int32_t exit_status;      /* of the run's process; 0 if it did not exit by itself */
            bool hopeless;            /* FAILURE: another attempt would fail in the same way */
        } finished;
        struct {
            uint64_t run;
            const char *line; /* the last line it wrote */
        } progress;
        struct {
            uint64_t job;              /* chosen by the caller: counted from 0, never reused */
            const char *name;          /* of the task; SUBMIT: NULL lets the client choose it */
            struct rota_bytes payload; /* SUBMIT */
            const char *refusal; /* SUBMIT: refuse a task that does not exist yet, for this reason;
                                    NULL: submit it */
        } job;                   /* SUBMIT, WAIT, COLLECT */
    };
};

enum rota_action_kind {
    ROTA_ACTION_OPEN,    /* session layer, direct role: open a handle */
    ROTA_ACTION_REQUEST, /* send this request; exactly one REPLY follows */
    ROTA_ACTION_RESTART, /* the state of the session is in doubt: end it for certain and begin a new
                            one (PROTOCOL rule 10) */
    ROTA_ACTION_EXIT,    /* close the session in good order, then exit */
    ROTA_ACTION_NOTE,    /* a line of the trace */
    ROTA_ACTION_RUN,     /* worker: start this run */
    ROTA_ACTION_CANCEL, /* worker: end this run, with a grace period or at once; FINISHED follows */
    ROTA_ACTION_LEASE,  /* worker: runs may go on until this time */
    ROTA_ACTION_NAMED,  /* client: the job's task was created under this name */
    ROTA_ACTION_RESULT, /* client, operator: the final status of the job's task */
    ROTA_ACTION_COLLECTED, /* client: the job's task was removed from the tree */
    ROTA_ACTION_PROGRESS,  /* client: the job's task reported progress; `reason` is the line */
    ROTA_ACTION_ROW,       /* reader: one row of a listing */
};

/* Exit statuses, the same for every command. system/memory.h has one more. */
enum rota_exit {
    ROTA_EXIT_DONE = 0,
    ROTA_EXIT_FAILED = 1, /* a task has a final status other than done */
    ROTA_EXIT_USAGE = 2,
    ROTA_EXIT_UNREACHABLE = 3, /* ZooKeeper cannot be reached, or the tree does not exist */
    ROTA_EXIT_REFUSED = 4,     /* no permission, a name in use, a limit */
    ROTA_EXIT_INTERRUPTED = 130,
};

struct rota_action {
    enum rota_action_kind kind;
    union {
        struct {
            bool take_over; /* ask for the session of client_id instead of a new one */
            struct rota_client_id client_id;
        } open;
        struct rota_request request;
        struct rota_note note;
        struct {
            enum rota_exit status;
            const char *sentence; /* for people, with what to do next; NULL: none */
        } exit;
        struct {
            uint64_t run; /* identifies the run in this process; never reused */
            const char *task;
            const char *worker;
            uint32_t attempt; /* counted from 1 */
            int64_t fence;    /* fencing token: grows with each assignment of the task */
            struct rota_bytes payload;
        } run;
        struct {
            uint64_t run;
            bool at_once; /* without a grace period */
        } cancel;
        struct {
            rota_time until;
        } lease;
        struct {
            uint64_t job;
            const char *name;
            const char *state;        /* RESULT: as in the status, or `missing` or `refused` */
            const char *reason;       /* RESULT: the rest of the first line of the status, or "" */
            struct rota_bytes output; /* RESULT: from the second line on */
            struct rota_bytes errors; /* RESULT of a failure: the end of standard error */
        } job;                        /* NAMED, RESULT, COLLECTED, PROGRESS */
        struct {
            const char *kind; /* "task", "worker", "assignment", "master", ... */
            const char *cells[6];
            int64_t numbers[4];
        } row;
    };
};

#endif
