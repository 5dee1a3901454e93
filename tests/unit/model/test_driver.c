/* The driver between a handle and a host, step by step: see driver.txt.
 *
 * The commands are events of both; `>` in the trace is a request to the handle, `!` an action of
 * the host.
 *
 *     start role=client        also master, worker, reader, operator, and the roles of toy_roles.h,
 *                              toy and direct; `connect_timeout=5s`, `lease`
 *     start role=planned       does in its next step what was planned; `.` is an event of it
 *     start role=planned-direct      the same without a session layer
 *     plan get /a · plan note · plan exit · plan wake 3s · plan open
 *     connected session=7 · disconnected · ... · watch changed /a    waits in the backend
 *     old connected session=7  the same, of the former handle
 *     REQUEST -> REPLY         waits in the backend, too
 *     run · run most=1         the driver takes the waiting events
 *     notify COMMAND           an event of the host: stop, submit, ... as in role.h
 *     wait 3s · deadline       time passes; the time of the next tick
 *     door closed · door open  whether requests may leave
 *     state                    stopped, leaving, finished
 *     checks                   how often the role was checked since the last such command */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/assert.h"
#include "model/client/client.h"
#include "model/driver.h"
#include "model/master/master.h"
#include "model/operator/operator.h"
#include "model/reader/reader.h"
#include "model/seam/exit.h"
#include "model/seam/requests.h"
#include "model/worker/worker.h"
#include "tests/unit/model/script/role.h"
#include "tests/unit/model/script/wording.h"
#include "tests/unit/model/toy_roles.h"

enum { WAITING_MAX = 64, PLANNED_MAX = 8 };

/* Backend and host in one: the handle has the events of the script, the host prints. */
struct fixture {
    struct rota_backend backend;
    struct rota_host host;
    struct rota_driver driver;
    struct rota_outbox memory; /* data of events, for the whole section */
    struct script_text trace;
    rota_time now;
    uint32_t handle;
    bool started;
    bool door;
    struct script_line planned[PLANNED_MAX];
    uint32_t planned_count;
    uint32_t checks;
    struct wording_outstanding outstanding[WAITING_MAX];
    uint32_t outstanding_count;
    struct rota_handle_event waiting[WAITING_MAX];
    uint32_t waiting_from, waiting_to;
};

static struct fixture *fixture_of_backend(struct rota_backend *b)
{
    return (struct fixture *)((char *)b - offsetof(struct fixture, backend));
}

static struct fixture *fixture_of_host(struct rota_host *h)
{
    return (struct fixture *)((char *)h - offsetof(struct fixture, host));
}

/* ---- the handle ---- */

static uint32_t handle_open(struct rota_backend *b, const struct rota_client_id *take_over)
{
    struct fixture *s = fixture_of_backend(b);
    struct rota_action a = {.kind = ROTA_ACTION_OPEN};

    a.open.take_over = take_over != NULL;
    if (take_over != NULL)
        a.open.client_id = *take_over;
    script_print(&s->trace, "> ");
    wording_action(&s->trace, &a);
    return ++s->handle;
}

static void handle_request(struct rota_backend *b, const struct rota_request *request)
{
    struct fixture *s = fixture_of_backend(b);
    struct rota_action a = {.kind = ROTA_ACTION_REQUEST};

    a.request = *request;
    script_print(&s->trace, "> ");
    wording_action(&s->trace, &a);
    rota_assert(s->outstanding_count < WAITING_MAX);
    s->outstanding[s->outstanding_count++] = wording_outstanding_open(request);
}

static bool handle_next(struct rota_backend *b, struct rota_handle_event *event)
{
    struct fixture *s = fixture_of_backend(b);

    if (s->waiting_from == s->waiting_to)
        return false;
    *event = s->waiting[s->waiting_from++];
    return true;
}

static rota_time handle_now(struct rota_backend *b)
{
    return fixture_of_backend(b)->now;
}

static uint64_t handle_random(struct rota_backend *b)
{
    (void)b;
    return 4; /* any number */
}

static const struct rota_backend_ops backend_ops = {
    "script", handle_open, handle_request, handle_next, handle_now, handle_random, NULL};

/* ---- the host ---- */

static void host_act(struct rota_host *h, const struct rota_action *action)
{
    struct fixture *s = fixture_of_host(h);

    script_print(&s->trace, "! ");
    wording_action(&s->trace, action);
}

static bool host_door(struct rota_host *h, const struct rota_request *request)
{
    (void)request;
    return fixture_of_host(h)->door;
}

static const struct rota_host_ops host_ops = {host_act, host_door};
static const struct rota_host_ops doorless_ops = {host_act, NULL};

/* ---- the planned role ---- */

struct planned {
    struct fixture *fixture;
};

static void planned_init(void *state, const void *config, uint64_t seed)
{
    (void)seed;
    *(struct planned *)state = *(const struct planned *)config;
}

static void act(const struct fixture *s, const struct script_line *l, struct rota_outbox *out)
{
    const char *what = l->words[1].text;
    struct rota_request request;

    if (strcmp(what, "note") == 0) {
        rota_outbox_note(out, ROTA_NOTE_STANDBY, "planned", NULL, 0, 0, 0);
    } else if (strcmp(what, "exit") == 0) {
        rota_exit_add(out, ROTA_EXIT_DONE, NULL);
    } else if (strcmp(what, "wake") == 0) {
        rota_outbox_wake(out, s->now + script_duration(l->words[2].text));
    } else if (strcmp(what, "open") == 0) {
        rota_outbox_add(out, ROTA_ACTION_OPEN);
    } else {
        request = wording_to_request(l, 1);
        rota_request_add(out, 1)->operation = request.operation;
    }
}

/* Carries out the plan, which is for one step. */
static void act_as_planned(struct fixture *s, struct rota_outbox *out)
{
    for (uint32_t i = 0; i < s->planned_count; i++)
        act(s, &s->planned[i], out);
    s->planned_count = 0;
}

static void planned_step(void *state, struct rota_pool *mem, const struct rota_event *event,
                         struct rota_outbox *out)
{
    static const char *const names[] = {
        [ROTA_EVENT_START] = "start", [ROTA_EVENT_UP] = "up",       [ROTA_EVENT_DOWN] = "down",
        [ROTA_EVENT_LOST] = "lost",   [ROTA_EVENT_REPLY] = "reply", [ROTA_EVENT_WATCH] = "watch",
        [ROTA_EVENT_LEASE] = "lease", [ROTA_EVENT_TICK] = "tick",   [ROTA_EVENT_STOP] = "stop",
    };
    static const char *const leases[] = {" good", " low", " over"};
    struct fixture *s = ((const struct planned *)state)->fixture;

    (void)mem;
    script_print(&s->trace, ". %s%s\n", names[event->kind],
                 event->kind == ROTA_EVENT_LEASE ? leases[event->lease.state] : "");
    act_as_planned(s, out);
}

static void planned_check(const void *state, const struct rota_pool *mem)
{
    (void)mem;
    ((const struct planned *)state)->fixture->checks++;
}

static void planned_receive(void *state, struct rota_pool *mem,
                            const struct rota_handle_event *event, struct rota_outbox *out)
{
    struct fixture *s = ((const struct planned *)state)->fixture;

    (void)mem;
    script_print(&s->trace, ". event of handle %u\n", event->handle);
    act_as_planned(s, out);
}

static const struct rota_role planned_role = {
    "planned",    sizeof(struct planned), sizeof(struct planned),
    planned_init, planned_step,           planned_check,
    NULL};
static const struct rota_role planned_direct_role = {
    "planned directly", sizeof(struct planned), sizeof(struct planned), planned_init,
    planned_step,       planned_check,          planned_receive};

/* ---- the fixture ---- */

static void *fixture_open(const void *context)
{
    struct fixture *s = calloc(1, sizeof *s);

    (void)context;
    rota_assert(s != NULL);
    s->backend.ops = &backend_ops;
    s->host.ops = &host_ops;
    s->now = 1000000;
    s->door = true;
    rota_outbox_init(&s->memory);
    return s;
}

static void fixture_close(void *machine)
{
    struct fixture *s = machine;

    while (s->outstanding_count > 0)
        wording_outstanding_close(&s->outstanding[--s->outstanding_count]);
    if (s->started)
        rota_driver_close(&s->driver);
    rota_outbox_close(&s->memory);
    script_text_close(&s->trace);
    free(s);
}

static void start(struct fixture *s, const struct script_line *l)
{
    const char *role = script_value(l, "role", "client");
    const char *timeout = script_value(l, "connect_timeout", "0s");
    struct rota_master_config master = {.id = "m1", .address = "host:1"};
    struct rota_worker_config worker = {.name = "w1", .address = "host:1"};
    struct rota_reader_config reader = {.command = ROTA_READER_STATUS};
    struct rota_operator_config operator= {.command = ROTA_OPERATOR_UNDRAIN};
    struct rota_client_config client = {
        .wait = true, .collect = true, .window = (uint32_t)script_number(l, "window", 0)};
    struct toy_config toy = {.path = "/toy"};
    struct planned planned = {s};
    struct rota_driver_config c = {
        .session = {.connect_timeout_ms = (uint32_t)(script_duration(timeout) / 1000),
                    .lease = script_has(l, "lease")}};

    if (strcmp(role, "master") == 0) {
        c.role = &rota_master_role;
        c.config = &master;
    } else if (strcmp(role, "worker") == 0) {
        c.role = &rota_worker_role;
        c.config = &worker;
    } else if (strcmp(role, "reader") == 0) {
        c.role = &rota_reader_role;
        c.config = &reader;
    } else if (strcmp(role, "operator") == 0) {
        c.role = &rota_operator_role;
        c.config = &operator;
    } else if (strcmp(role, "toy") == 0 || strcmp(role, "direct") == 0) {
        c.role = strcmp(role, "toy") == 0 ? &toy_role : &toy_direct_role;
        c.config = &toy;
    } else if (strcmp(role, "planned") == 0 || strcmp(role, "planned-direct") == 0) {
        c.role = strcmp(role, "planned") == 0 ? &planned_role : &planned_direct_role;
        c.config = &planned;
    } else {
        c.role = &rota_client_role;
        c.config = &client;
    }
    if (script_has(l, "doorless"))
        s->host.ops = &doorless_ops;
    rota_driver_init(&s->driver, &c, &s->backend, &s->host);
    s->started = true;
}

/* ---- waiting events ---- */

static void put_event(struct fixture *s, const struct rota_handle_event *e)
{
    rota_assert(s->waiting_to < WAITING_MAX);
    s->waiting[s->waiting_to] = *e;
    s->waiting[s->waiting_to++].handle += s->handle;
}

static void put_reply(struct fixture *s, const char *text, const char *arrow)
{
    const char *pattern = rota_outbox_text(&s->memory, "%.*s", (int)(arrow - text), text);
    struct rota_handle_event e = {.kind = ROTA_HANDLE_REPLY};
    enum rota_outcome ignored;
    struct script_line words;

    script_cut(&words, &s->memory, arrow + strlen(" -> "));
    for (uint32_t i = 0; i < s->outstanding_count; i++) {
        struct wording_outstanding a = s->outstanding[i];

        if (!wording_matches(pattern, &a))
            continue;
        s->outstanding_count--;
        memmove(&s->outstanding[i], &s->outstanding[i + 1],
                (s->outstanding_count - i) * sizeof s->outstanding[0]);
        e.reply = *wording_to_reply(&words, 0, &a, &s->memory, &ignored);
        wording_outstanding_close(&a);
        put_event(s, &e);
        return;
    }
    fail_msg("no such request is outstanding: `%s`", pattern);
}

static void put_watch(struct fixture *s, struct rota_handle_event e, const char *path)
{
    e.kind = ROTA_HANDLE_WATCH;
    e.watch.kind = ROTA_WATCH_CHILD;
    e.watch.path = path;
    put_event(s, &e);
}

/* ---- commands ---- */

static void print_state(struct fixture *s)
{
    const struct rota_driver *d = &s->driver;

    script_print(&s->trace, "%s\n",
                 d->stopped    ? "stopped"
                 : d->finished ? "finished"
                 : d->leaving  ? "leaving"
                               : "running");
}

static void print_deadline(struct fixture *s)
{
    rota_time when = rota_driver_deadline(&s->driver);

    if (when == ROTA_NEVER)
        script_print(&s->trace, "never\n");
    else
        script_print(&s->trace, "%.3fs\n", (double)when / 1e6);
}

static void run(struct fixture *s, const struct script_line *l)
{
    uint32_t most = (uint32_t)script_number(l, "most", 1000);

    if (rota_driver_run(&s->driver, most))
        script_print(&s->trace, "more events may wait\n");
}

static void notify(struct fixture *s, const struct script_line *l)
{
    struct rota_event e = {0};
    struct script_line command;

    script_cut(&command, &s->memory, l->source + strlen("notify "));
    if (!role_event(&e, &command))
        fail_msg("`%s` is no event of a host", l->source);
    rota_driver_notify(&s->driver, &e);
}

static void print_checks(struct fixture *s)
{
    script_print(&s->trace, "%u\n", s->checks);
    s->checks = 0;
}

static void plan(struct fixture *s, const struct script_line *l)
{
    rota_assert(s->planned_count < PLANNED_MAX);
    s->planned[s->planned_count++] = *l;
}

static bool carry_out(struct fixture *s, const struct script_line *l)
{
    struct rota_handle_event e = {0};
    const char *arrow = strstr(l->source, " -> ");
    const char *what = l->words[0].text;

    e.handle -= script_has(l, "old"); /* from the current handle */
    if (arrow != NULL)
        put_reply(s, l->source, arrow);
    else if (strcmp(what, "start") == 0)
        start(s, l);
    else if (strcmp(what, "run") == 0)
        run(s, l);
    else if (strcmp(what, "notify") == 0)
        notify(s, l);
    else if (strcmp(what, "wait") == 0)
        s->now += script_duration(l->words[1].text);
    else if (strcmp(what, "deadline") == 0)
        print_deadline(s);
    else if (strcmp(what, "state") == 0)
        print_state(s);
    else if (strcmp(what, "checks") == 0)
        print_checks(s);
    else if (strcmp(what, "plan") == 0)
        plan(s, l);
    else if (strcmp(what, "door") == 0)
        s->door = script_has(l, "open");
    else if (script_has(l, "watch"))
        put_watch(s, e, l->words[l->count - 1].text);
    else if (wording_to_session(l, &e))
        put_event(s, &e);
    else
        return false;
    return true;
}

static bool fixture_command(void *machine, const struct script_line *l, struct script_text *trace)
{
    struct fixture *s = machine;
    struct script_line kept;
    bool known;

    script_cut(&kept, &s->memory, rota_outbox_text(&s->memory, "%s", l->source));
    known = carry_out(s, &kept);
    script_print(trace, "%s", s->trace.length == 0 ? "" : s->trace.at);
    s->trace.length = 0;
    return known;
}

int main(void)
{
    static const struct script_machine machine = {NULL, fixture_open, fixture_close,
                                                  fixture_command};

    return script_main(ROTA_SCRIPTS "/driver.txt", &machine);
}
