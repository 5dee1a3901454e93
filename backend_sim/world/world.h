/* A world: processes, each of them a driver over a simulated client, around one simulated server
 * or an ensemble of them, in virtual time. One timeline says what happens next, one source of
 * choices how; the same seed and the same calls give the same world, event by event, on every
 * machine.
 *
 * A process's run is virtual work: the world's user says how long it takes and how it ends. Clients
 * collect as `submit --wait` does.
 *
 * A guest is a process without a driver: its simulated client is in the hands of the world's user.
 */
#ifndef ROTA_BACKEND_SIM_WORLD_WORLD_H
#define ROTA_BACKEND_SIM_WORLD_WORLD_H

#include "backend_sim/net/client.h"
#include "model/driver.h"
#include "model/base/mark.h"

/* How a run goes, as the world's user plans it. */
struct rota_plan {
    rota_time work;      /* how long it takes */
    int32_t exit_status; /* 0: a success; else it ends as a failure */
    bool kill;           /* it ends its worker */
    uint32_t lines;      /* of progress that it writes, spread evenly over its time */
    bool silent;         /* it prints nothing; else, if it succeeds, the task's name */
};

/* A run that a worker has begun. */
struct rota_run {
    uint64_t run;
    uint64_t serial; /* of its moment on the timeline */
    rota_time began; /* later by what it has stood still */
    rota_time due;
    uint32_t said; /* lines of progress so far */
    struct rota_plan plan;
    enum rota_ending ending;
    bool killed; /* it ended its worker */
    char *task;
};

/* What a world tells its user. Everything is borrowed for the call; each is optional. From
 * `stepping`, `before`, `applied`, `called` and `acted` the user may act on the world, from the
 * others not. */
struct rota_world_hooks {
    /* Process `who` is about to hear an event: its next step. */
    void (*stepping)(void *context, uint32_t who);
    /* A request is about to leave process `who`. */
    void (*before)(void *context, uint32_t who, const struct rota_request *request);
    /* The server has executed it; the reply has not arrived. */
    void (*applied)(void *context, uint32_t who, const struct rota_request *request, int32_t rc);
    /* The server has committed a transaction, asked for by `who` or by ROTA_NOBODY. */
    void (*committed)(void *context, uint32_t who, const struct rota_commit *commit);
    /* A process did something: NOTE, RUN, NAMED, RESULT, COLLECTED, EXIT. */
    void (*acted)(void *context, uint32_t who, const struct rota_action *action);
    /* A run ended for the process that began it: its host is about to be told, or it died, perhaps
     * of this run. */
    void (*ended)(void *context, uint32_t who, const struct rota_run *run);
    /* How a run will go; without it work takes no time. */
    struct rota_plan (*plan)(void *context, uint32_t who, const struct rota_action *action);
    /* A process's misfortune: it stopped, died, paused, lost its connection, its session or its
     * lease. */
    void (*misfortune)(void *context, uint32_t who);
    /* A line of the trace, without newline; of a server if `who` is ROTA_NOBODY. */
    void (*line)(void *context, uint32_t who, const char *line);
    /* A time asked for with rota_world_call_at has come. */
    void (*called)(void *context, uint64_t id);
};

struct rota_world_config {
    uint64_t seed;
    rota_time latency;
    uint32_t tick_ms;    /* the server's; 0: 2000 */
    uint32_t servers;    /* 0 or 1: one alone, more are an ensemble */
    rota_time lag;       /* how much later the followers of an ensemble apply */
    bool quorum_sync;    /* a sync asks for a quorum, which ZooKeeper's does not (S96) */
    uint32_t reap_ms;    /* between two looks at containers and TTL nodes; 0: a minute (S39) */
    uint32_t session_ms; /* what every client wishes for */
    bool record_choices; /* keep a log of all that is drawn */
};

/* Which part a process plays in a scenario, whatever protocol its role belongs to. */
enum rota_part {
    ROTA_PART_MASTER,
    ROTA_PART_WORKER,
    ROTA_PART_CLIENT,
    ROTA_PART_OPERATOR,
    ROTA_PART_NONE, /* a guest */
};

enum rota_process_state {
    ROTA_PROCESS_ABSENT, /* not started, or dead */
    ROTA_PROCESS_RUNNING,
    ROTA_PROCESS_LEFT, /* ended in good order */
};

/* Something for a process that is not from ZooKeeper. */
struct rota_told {
    struct rota_told *next;
    enum rota_event_kind kind;
    uint64_t number; /* a run or a job */
    enum rota_ending ending;
    int32_t exit_status;
    char *name; /* PROGRESS: the line */
    void *payload;
    int32_t payload_length;
};

/* Hears an event of a guest's client; what it points to is borrowed for the call. */
typedef void (*rota_guest_hear_f)(void *context, const struct rota_handle_event *event);

struct rota_process {
    struct rota_host host; /* first: the host is the process */
    struct rota_world *world;
    uint32_t who;
    char name[16];
    enum rota_part part;
    struct rota_driver_config config; /* points to a copy of the role's own */
    rota_guest_hear_f hear;           /* a guest's, else NULL */
    void *hear_context;
    enum rota_process_state state;
    uint32_t incarnation; /* counted from 1 with every start */
    bool paused;
    bool work_paused;
    rota_time paused_at;
    bool dying;      /* the door is shut: it ends when its step is over */
    bool stopping;   /* asked to end in good order */
    bool restarting; /* once it has ended it begins again */
    bool stepping;   /* its driver is at work */
    rota_time wake;  /* the moment that is on the timeline */
    rota_time dawn;  /* just woken: it hears what has come before it looks at its clock */
    rota_time lease_until;
    rota_time expired_at; /* when rota_world_expire last ended its session, 0: never */
    struct rota_run *runs;
    uint32_t run_count;
    uint32_t run_capacity;
    struct rota_told *told;
    struct rota_told *told_last;
    bool telling;              /* a moment to tell is on the timeline */
    uint32_t refused;          /* its requests that changed nothing because the right was gone */
    struct rota_driver driver; /* unused by a guest */
    struct rota_sim_client client;
};

struct rota_world;

/* Makes a world at time 0 with a fresh server and no processes. The hooks are borrowed. */
struct rota_world *rota_world_open(const struct rota_world_config *config,
                                   const struct rota_world_hooks *hooks, void *context);

/* Frees everything. */
void rota_world_close(struct rota_world *w);

/* Adds a process that does not run yet, returns its number, counted from 0. `config` and what it
 * points to are copied, but for the role's table, which is borrowed. */
uint32_t rota_world_add(struct rota_world *w, const char *name, enum rota_part part,
                        const struct rota_driver_config *config);

/* Adds a guest that has not come yet, returns its number among the processes. rota_world_start
 * makes its client; the handle is its user's to open. Context is borrowed. */
uint32_t rota_world_add_guest(struct rota_world *w, const char *name, rota_guest_hear_f hear,
                              void *context);

/* Lets a guest hear what its own requests have brought about at once. */
void rota_world_hear(struct rota_world *w, uint32_t who);

/* A guest goes: its client is destroyed, and its socket is closed. */
void rota_world_leave(struct rota_world *w, uint32_t who);

/* Whether this process plays that part. */
bool rota_process_is(const struct rota_process *p, enum rota_part part);

/* Carries out what comes next. False if nothing ever will. */
bool rota_world_step(struct rota_world *w);

/* Lets everything happen that happens up to that time; the time is then `until`. */
void rota_world_run(struct rota_world *w, rota_time until);

rota_time rota_world_now(const struct rota_world *w);

/* Whether a process asks and is answered without end while no time passes. */
bool rota_world_stuck(const struct rota_world *w);

/* When something happens next, ROTA_NEVER if nothing will. */
rota_time rota_world_next(const struct rota_world *w);

/* Events delivered and moments handled so far. */
uint64_t rota_world_events(const struct rota_world *w);

/* XXH3 over every trace line and every event delivered so far. */
uint64_t rota_world_hash(const struct rota_world *w);

struct rota_choices *rota_world_choices(struct rota_world *w);
const struct rota_server *rota_world_server(const struct rota_world *w);
uint32_t rota_world_count(const struct rota_world *w);

/* Process number `who`; valid until the world is closed. */
struct rota_process *rota_world_process(struct rota_world *w, uint32_t who);

/* Calls `called` with this number at that time. */
void rota_world_call_at(struct rota_world *w, rota_time when, uint64_t id);

/* Starts a process that does not run: a new session, nothing remembered. */
void rota_world_start(struct rota_world *w, uint32_t who);

/* Asks a process to end in good order. */
void rota_world_stop(struct rota_world *w, uint32_t who);

/* Ends a process; what it has sent still arrives. Its runs end with it. With `again` it starts anew
 * at once. */
void rota_world_crash(struct rota_world *w, uint32_t who, bool again);

/* Stops a process whole, with `work` also the runs it has begun; and lets it go on. */
void rota_world_pause(struct rota_world *w, uint32_t who, bool work);
void rota_world_resume(struct rota_world *w, uint32_t who);

/* Ends the process's session on the server. False if it has none. */
bool rota_world_expire(struct rota_world *w, uint32_t who);

/* Cuts the process off: its connection ends, and none can be made until it is healed. */
void rota_world_disconnect(struct rota_world *w, uint32_t who);
void rota_world_heal(struct rota_world *w, uint32_t who);

/* Cuts the connection once, now; what is under way is lost. */
void rota_world_cut(struct rota_world *w, uint32_t who);

/* Loses the connection around the process's next request. */
void rota_world_lose_next(struct rota_world *w, uint32_t who, enum rota_fate fate,
                          rota_time late_most);

/* Adds to the latency of the process's messages from now on. */
void rota_world_slow(struct rota_world *w, uint32_t who, rota_time extra);

/* From now on the process's clock runs so many percent faster or, if negative, slower: its time,
 * its timers, its session's and its guard's. It does not jump. */
void rota_world_skew(struct rota_world *w, uint32_t who, int32_t percent);

/* Every mark that a process has reached so far. */
struct rota_marks rota_world_marks(const struct rota_world *w);

/* A server, counted from 0, stands still and goes on, dies and comes back. */
void rota_world_pause_server(struct rota_world *w, uint32_t server);
void rota_world_resume_server(struct rota_world *w, uint32_t server);
void rota_world_crash_server(struct rota_world *w, uint32_t server);
void rota_world_start_server(struct rota_world *w, uint32_t server);
bool rota_world_server_up(const struct rota_world *w, uint32_t server);

/* Whether all servers are up and reach each other and every process. */
bool rota_world_servers_well(const struct rota_world *w);

/* The leader of the ensemble steps down. False if there is none. */
bool rota_world_elect(struct rota_world *w);

/* How much later a server of the ensemble applies. */
void rota_world_lag(struct rota_world *w, uint32_t server, rota_time lag);

/* Puts a server or a process on one side of a partition: it reaches its side and those on side 0,
 * which is nobody's and reaches everyone; a server on ROTA_SIDE_ALONE reaches nobody. Connections
 * across are cut by rota_world_separate. False: the server was there already. */
bool rota_world_side_server(struct rota_world *w, uint32_t server, uint32_t side);
void rota_world_side(struct rota_world *w, uint32_t who, uint32_t side);
void rota_world_separate(struct rota_world *w);

/* How many requests of those that rota_world_lose_next named have met their fate. */
uint32_t rota_world_struck(const struct rota_world *w);

/* Creates persistent znodes, in this order, by a session of its own that ends at once. */
void rota_world_found(struct rota_world *w, const char *const *paths, uint32_t count);

/* Lets every server believe that so many znodes were made under this one, which is there. */
void rota_world_count_up(struct rota_world *w, const char *path, int32_t creates);

/* Gives a running client a task to submit, or with `payload` NULL one to wait for; a running
 * operator, without payload, what it is asked for. `job` counts from 0 in each incarnation. Name
 * and payload are copied; without a name, which is NULL then, the client chooses one for what it
 * submits. */
void rota_world_submit(struct rota_world *w, uint32_t who, uint64_t job, const char *name,
                       const struct rota_bytes *payload);

/* Tells a running client or operator that no more jobs will come: it leaves when all have ended. */
void rota_world_close_input(struct rota_world *w, uint32_t who);

/* Starts an operator that does not run and names the task or the worker that it is to see to. It
 * leaves when that is done. */
void rota_world_ask(struct rota_world *w, uint32_t who, const char *name);

/* Writes a line into the trace, in the name of process `who`, or of server `i`, counted from
 * 0, if that is ROTA_NOBODY - i. */
void rota_world_note(struct rota_world *w, uint32_t who, const char *text);

#endif
