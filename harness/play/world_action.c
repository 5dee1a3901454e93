#include "harness/play/world_action.h"

#include "backend_sim/world/world_faults.h"
#include "backend_sim/world/world_servers.h"
#include "model/base/assert.h"

/* ---- why not ---- */

static bool is_running(struct rota_world *w, uint32_t who)
{
    return rota_world_process(w, who)->state == ROTA_PROCESS_RUNNING;
}

/* A process that is stopping is started once it has stopped. */
static const char *running(struct rota_world *w, uint32_t who)
{
    return is_running(w, who) && !rota_world_process(w, who)->stopping ? "is running already"
                                                                       : NULL;
}

static const char *not_running(struct rota_world *w, uint32_t who)
{
    return is_running(w, who) ? NULL : "is not running";
}

static const char *not_running_or_paused(struct rota_world *w, uint32_t who)
{
    return !is_running(w, who)                  ? "is not running"
           : rota_world_process(w, who)->paused ? "is paused already"
                                                : NULL;
}

static const char *not_paused(struct rota_world *w, uint32_t who)
{
    return rota_world_process(w, who)->paused ? NULL : "is not paused";
}

static const char *no_session(struct rota_world *w, uint32_t who)
{
    return !is_running(w, who)                                    ? "is not running"
           : rota_world_process(w, who)->client.client_id.id == 0 ? "has no session"
                                                                  : NULL;
}

static const char *disconnected(struct rota_world *w, uint32_t who)
{
    return rota_world_process(w, who)->client.blocked ? "is disconnected already" : NULL;
}

/* ---- processes ---- */

static bool start(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    (void)action;
    rota_world_start(w, who);
    return true;
}

static bool stop(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    (void)action;
    rota_world_stop(w, who);
    return true;
}

static bool crash(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    rota_world_crash(w, who, action->kind == ROTA_SCRIPT_RESTART);
    return true;
}

static bool pause_process(struct rota_world *w, uint32_t who,
                          const struct rota_script_action *action)
{
    rota_world_pause(w, who, action->work);
    return true;
}

static bool resume(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    (void)action;
    rota_world_resume(w, who);
    return true;
}

static bool expire(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    (void)action;
    return rota_world_expire(w, who);
}

static bool disconnect(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    (void)action;
    rota_world_disconnect(w, who);
    return true;
}

static bool heal(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    (void)action;
    rota_world_heal(w, who);
    rota_world_put_on_side(w, who, 0);
    return true;
}

static bool lose_connection(struct rota_world *w, uint32_t who,
                            const struct rota_script_action *action)
{
    rota_world_lose_next(w, who, action->fault, action->span);
    return true;
}

static bool slow(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    rota_world_slow(w, who, action->span);
    return true;
}

static bool skew(struct rota_world *w, uint32_t who, const struct rota_script_action *action)
{
    rota_world_skew(w, who, action->skew_percent);
    return true;
}

/* ---- servers ---- */

static bool start_server(struct rota_world *w, uint32_t server,
                         const struct rota_script_action *action)
{
    bool was_up = rota_world_server_up(w, server);

    (void)action;
    rota_world_start_server(w, server);
    return !was_up;
}

static bool crash_server(struct rota_world *w, uint32_t server,
                         const struct rota_script_action *action)
{
    bool was_up = rota_world_server_up(w, server);

    rota_world_crash_server(w, server);
    if (action->kind == ROTA_SCRIPT_RESTART)
        rota_world_start_server(w, server);
    return was_up || action->kind == ROTA_SCRIPT_RESTART;
}

static bool pause_server(struct rota_world *w, uint32_t server,
                         const struct rota_script_action *action)
{
    bool was_up = rota_world_server_up(w, server);

    (void)action;
    rota_world_pause_server(w, server);
    return was_up;
}

static bool resume_server(struct rota_world *w, uint32_t server,
                          const struct rota_script_action *action)
{
    bool was_up = rota_world_server_up(w, server);

    (void)action;
    rota_world_resume_server(w, server);
    return !was_up;
}

static bool disconnect_server(struct rota_world *w, uint32_t server,
                              const struct rota_script_action *action)
{
    bool is_cut = rota_world_put_server_on_side(w, server, ROTA_SIDE_ALONE);

    (void)action;
    rota_world_cut_across(w);
    return is_cut;
}

static bool heal_server(struct rota_world *w, uint32_t server,
                        const struct rota_script_action *action)
{
    (void)action;
    rota_world_put_server_on_side(w, server, 0);
    return true;
}

static bool lag_server(struct rota_world *w, uint32_t server,
                       const struct rota_script_action *action)
{
    rota_world_lag(w, server, action->span);
    return true;
}

static bool elect(struct rota_world *w, uint32_t server, const struct rota_script_action *action)
{
    (void)server;
    (void)action;
    return rota_world_elect(w);
}

/* ---- the table ---- */

typedef bool (*do_f)(struct rota_world *w, uint32_t number,
                     const struct rota_script_action *action);

static const struct {
    do_f process;
    const char *(*obstacle)(struct rota_world *w, uint32_t who); /* NULL: always possible */
    do_f server;
    const char *server_obstacle; /* if `server` changed nothing */
} table[] = {
    [ROTA_SCRIPT_START] = {start, running, start_server, "that server is running already"},
    [ROTA_SCRIPT_STOP] = {stop, not_running, crash_server, "that server is not running"},
    [ROTA_SCRIPT_CRASH] = {crash, not_running, crash_server, "that server is not running"},
    [ROTA_SCRIPT_RESTART] = {crash, NULL, crash_server, "that server is not running"},
    [ROTA_SCRIPT_PAUSE] = {pause_process, not_running_or_paused, pause_server,
                           "that server is not running"},
    [ROTA_SCRIPT_RESUME] = {resume, not_paused, resume_server, "that server is not paused"},
    [ROTA_SCRIPT_EXPIRE] = {expire, no_session, NULL, NULL},
    [ROTA_SCRIPT_DISCONNECT] = {disconnect, disconnected, disconnect_server,
                                "that server is disconnected already"},
    [ROTA_SCRIPT_HEAL] = {heal, NULL, heal_server, NULL},
    [ROTA_SCRIPT_CONNLOSS] = {lose_connection, NULL, NULL, NULL},
    [ROTA_SCRIPT_LAG] = {NULL, NULL, lag_server, NULL},
    [ROTA_SCRIPT_ELECT] = {NULL, NULL, elect, "no server leads"},
    [ROTA_SCRIPT_SKEW] = {skew, NULL, NULL, NULL},
    [ROTA_SCRIPT_SLOW] = {slow, NULL, NULL, NULL},
};

enum { ROWS = sizeof table / sizeof table[0] };

const char *rota_world_action_obstacle(struct rota_world *w, uint32_t who,
                                       enum rota_script_action_kind kind)
{
    return (size_t)kind < ROWS && table[kind].obstacle != NULL ? table[kind].obstacle(w, who)
                                                               : NULL;
}

bool rota_world_action_do(struct rota_world *w, uint32_t who,
                          const struct rota_script_action *action)
{
    rota_assert((size_t)action->kind < ROWS && table[action->kind].process != NULL);
    return table[action->kind].process(w, who, action);
}

const char *rota_world_action_do_server(struct rota_world *w, uint32_t server,
                                        const struct rota_script_action *action)
{
    rota_assert((size_t)action->kind < ROWS && table[action->kind].server != NULL);
    return table[action->kind].server(w, server, action) ? NULL
                                                         : table[action->kind].server_obstacle;
}
