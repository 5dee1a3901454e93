/* What a role hears, and what it says: plain data in both directions.
 *
 * A step is (state, event) -> actions. Events are hints to look again, never proof that something
 * happened once (level-triggered): a role reconciles what it reads with what it wants. */
#ifndef ROTA_MODEL_SEAM_EVENT_H
#define ROTA_MODEL_SEAM_EVENT_H

#include "model/seam/backend.h"
#include "model/base/trace.h"

/* A reply has one of three outcomes (docs/BACKEND.md). */
enum rota_outcome {
    ROTA_DONE,    /* the server did it */
    ROTA_REFUSED, /* it was not done, and `rc` says why */
    ROTA_UNKNOWN, /* it may have been done, or may still be done, or never: resolve it behind a
                     barrier. The next UP is behind one */
};

enum rota_lease {
    ROTA_LEASE_GOOD, /* the leader was heard within two thirds of the session timeout */
    ROTA_LEASE_LOW,  /* take no new work (hazard 7) */
    ROTA_LEASE_OVER, /* end what runs: the server may soon give it away */
};

enum rota_event_kind {
    ROTA_EVENT_START,  /* first event of a process */
    ROTA_EVENT_UP,     /* requests may be sent; nothing is outstanding; a sync barrier has passed */
    ROTA_EVENT_DOWN,   /* no requests until the next UP; outstanding ones are still answered */
    ROTA_EVENT_LOST,   /* the session has ended, nothing is outstanding: drop all belief (hazard 14)
                        */
    ROTA_EVENT_FAILED, /* there will be no UP: no server in time, or credentials refused */
    ROTA_EVENT_REPLY,  /* to a request of this role */
    ROTA_EVENT_WATCH,  /* a watch fired: look again */
    ROTA_EVENT_LEASE,  /* the lease was renewed or ran low */
    ROTA_EVENT_TICK,   /* the time the role asked for has come */
    ROTA_EVENT_STOP,   /* end in good order; a second one means at once */
    ROTA_EVENT_FINISHED,    /* worker: a run has ended */
    ROTA_EVENT_PROGRESS,    /* worker: a run says how far it is */
    ROTA_EVENT_SUBMIT,      /* client: put one task */
    ROTA_EVENT_WAIT,        /* client: wait for one task that exists already; operator: this one */
    ROTA_EVENT_COLLECT,     /* client: a result has reached its reader, remove the task */
    ROTA_EVENT_CLOSE_INPUT, /* client: no more SUBMIT and WAIT will come */
};

/* How a run ended. */
enum rota_ending {
    ROTA_ENDING_SUCCESS, /* status `done` */
    ROTA_ENDING_FAILURE, /* status `failed`, with the reason */
    ROTA_ENDING_STOPPED, /* ended because the worker asked for it: no result */
};

struct rota_event {
    enum rota_event_kind kind;
    rota_time now;
    union {
        struct {
            bool fresh;          /* a new session: everything older is void */
            int64_t session;     /* session id */
            uint32_t timeout_ms; /* as negotiated */
        } up;
        struct {
            int32_t rc; /* why */
        } failed;
        struct {
            enum rota_outcome outcome;
            const struct rota_reply
                *body; /* borrowed for the step; body->tag and body->rc are set for
                          every outcome, the rest for DONE (a refused multi: results) */
        } reply;
        struct {
            enum rota_watch_kind kind;
            const char *path;
        } watch;
        struct {
            enum rota_lease state;
            rota_time until; /* work may run until then */
        } lease;
        struct {
            uint64_t run; /* as given with ROTA_ACTION_RUN */
            enum rota_ending ending;
            struct rota_bytes output; /* the result: standard output */
            const char *reason;       /* FAILURE: one line, such as "exit status 3" */
            struct rota_bytes errors; /* FAILURE: the end of standard error */
            int32_t exit_status;      /* of the run's process; 0 if it did not exit by itself */
            bool hopeless;            /* FAILURE: another attempt would end in the same way */
        } finished;
        struct {
            uint64_t run;
            const char *line; /* the last one it wrote */
        } progress;
        struct {
            uint64_t job;     /* chosen by the caller, counted from 0, given once */
            const char *name; /* the task's name; NULL with SUBMIT lets the client choose */
            struct rota_bytes payload; /* SUBMIT */
            const char *refusal; /* SUBMIT: it is found under its name, or refused for this; NULL */
        } job;                   /* SUBMIT, WAIT, COLLECT */
    };
};

enum rota_action_kind {
    ROTA_ACTION_OPEN,    /* session layer: open a handle */
    ROTA_ACTION_REQUEST, /* send this; the session layer answers it with a REPLY */
    ROTA_ACTION_RESTART, /* in doubt: end this session for certain and begin a new one (rule 10) */
    ROTA_ACTION_EXIT,    /* this process is at its end: close the session in good order and leave */
    ROTA_ACTION_NOTE,    /* a line of the trace */
    ROTA_ACTION_RUN,     /* worker: begin this work */
    ROTA_ACTION_CANCEL,  /* worker: end this run, with a grace or at once; FINISHED follows */
    ROTA_ACTION_LEASE,   /* worker: runs may go on until this time and not longer */
    ROTA_ACTION_NAMED,   /* client: the job is in the tree under this name, acknowledged */
    ROTA_ACTION_RESULT,  /* client: the job's task has ended, this is its status */
    ROTA_ACTION_COLLECTED, /* client: the job's task has left the tree */
    ROTA_ACTION_PROGRESS,  /* client: how far the job's task is; `reason` is the line */
    ROTA_ACTION_ROW,       /* reader: one row of the listing */
};

/* Process exit statuses, the same for every command. */
enum rota_exit {
    ROTA_EXIT_DONE = 0,
    ROTA_EXIT_FAILED = 1, /* a task ended otherwise than done */
    ROTA_EXIT_USAGE = 2,
    ROTA_EXIT_UNREACHABLE = 3, /* ZooKeeper cannot be reached or the tree is missing */
    ROTA_EXIT_REFUSED = 4,     /* no permission, name taken, a limit */
    ROTA_EXIT_INTERRUPTED = 130,
};

struct rota_action {
    enum rota_action_kind kind;
    union {
        struct {
            bool take_over; /* the session of client_id instead of a new one */
            struct rota_client_id client_id;
        } open;
        struct rota_request request;
        struct rota_note note;
        struct {
            enum rota_exit status;
            const char
                *sentence; /* for people, with the next step; NULL if there is nothing to say */
        } exit;
        struct {
            uint64_t run; /* names this run among those of this process, never reused */
            const char *task;
            const char *worker;
            uint32_t attempt; /* counted from 1 */
            int64_t fence;    /* fencing token: grows with every placement of the task (rule 4) */
            struct rota_bytes payload;
        } run;
        struct {
            uint64_t run;
            bool at_once; /* no grace */
        } cancel;
        struct {
            rota_time until;
        } lease;
        struct {
            uint64_t job;
            const char *name;
            const char *state;        /* RESULT: as in the status, or missing, or refused */
            const char *reason;       /* RESULT: the rest of the first line of status, or "" */
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
