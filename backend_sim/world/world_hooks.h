/* The hooks by which a world notifies its user, and the virtual work of a process. */
#ifndef ROTA_BACKEND_SIM_WORLD_WORLD_HOOKS_H
#define ROTA_BACKEND_SIM_WORLD_WORLD_HOOKS_H

#include "model/seam/event.h"
#include "server/server.h"

/* How a run goes, as the world's user plans it. */
struct rota_work_plan {
    rota_time duration;  /* ROTA_NEVER: the run ends only when it is cancelled */
    int32_t exit_status; /* 0: the run succeeds; otherwise it fails */
    bool kills_worker;   /* the run ends the process that began it */
    uint32_t lines;      /* of progress that the run writes, spread evenly over its time */
    bool silent;         /* a successful run prints nothing; otherwise it prints the task's name */
};

/* A run that a process has begun. */
struct rota_work {
    uint64_t run;    /* as given with ROTA_ACTION_RUN */
    uint64_t serial; /* of its moment on the timeline */
    rota_time began; /* a pause of the work moves it forward */
    rota_time due;   /* the time of its next line, or of its end */
    uint32_t lines_written;
    struct rota_work_plan plan;
    enum rota_ending ending;
    bool killed_worker;
    char *task;
};

/* Each hook is optional. Its arguments are borrowed for the call. `context` is the user's, and
 * `who` is the number of a process. From `stepping`, `before`, `applied`, `called` and `acted` the
 * user may act on the world, from the others not. */
struct rota_world_hooks {
    /* Process `who` is about to take an event: its next step. */
    void (*stepping)(void *context, uint32_t who);
    /* A request is about to leave process `who`. */
    void (*before)(void *context, uint32_t who, const struct rota_request *request);
    /* The server has executed the request; the reply has not arrived yet. */
    void (*applied)(void *context, uint32_t who, const struct rota_request *request, int32_t rc);
    /* The server has committed a transaction of process `who`, or of its own if that is
     * ROTA_NOBODY. */
    void (*committed)(void *context, uint32_t who, const struct rota_commit *commit);
    /* A process has carried out an action: NOTE, RUN, NAMED, RESULT, COLLECTED, EXIT. */
    void (*acted)(void *context, uint32_t who, const struct rota_action *action);
    /* A run has ended. Its process is about to be notified, or has died, perhaps by this run. */
    void (*ended)(void *context, uint32_t who, const struct rota_work *work);
    /* Returns how a run will go. Without this hook work takes no time. */
    struct rota_work_plan (*plan)(void *context, uint32_t who, const struct rota_action *action);
    /* A fault has hit the process: it stopped, died, was paused, or lost its connection, its
     * session or its lease. */
    void (*fault)(void *context, uint32_t who);
    /* A line of the trace, without newline; of a server if `who` is ROTA_NOBODY. */
    void (*line)(void *context, uint32_t who, const char *line);
    /* A time asked for with rota_world_call_at has come. */
    void (*called)(void *context, uint64_t id);
};

#endif
