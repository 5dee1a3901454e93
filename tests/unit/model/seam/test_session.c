/* The session layer, step by step: see session.txt.
 *
 * The commands are events of the handle and requests of the role. `>` in the trace is a request to
 * the handle, `<` an event for the role.
 *
 *     new lease connect_timeout=5s chroot=5 budget=100
 *     begin · restart · leave · wait 3s · tick
 *     next restart · next leave     what the role does in its step on the next event
 *     connected session=7 timeout=10s · disconnected · expired · auth_failed · unreachable
 *     closed · closed acknowledged
 *     watch changed /a · REQUEST -> REPLY · old HANDLE-COMMAND: of the former handle
 *     send 5: get /a watch      a request of the role, with tag 5
 *     queue 6: get /a           the same, while the role's step goes on */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/assert.h"
#include "model/seam/session.h"
#include "tests/unit/model/script/script.h"
#include "tests/unit/model/script/wording.h"

enum { OUTSTANDING_MAX = 64 };

struct fixture {
    struct rota_session session;
    struct rota_pool memory;
    struct rota_outbox out;
    struct rota_outbox scratch;
    rota_time now;
    uint32_t handle;
    const char *next; /* the role's answer to its next event; NULL: none */
    uint32_t sent;    /* actions of `out` carried out */
    struct wording_outstanding outstanding[OUTSTANDING_MAX];
    uint32_t outstanding_count;
};

static void configure(struct fixture *s, const struct script_line *l)
{
    const char *timeout = script_value(l, "connect_timeout", "0s");
    struct rota_session_config config = {.connect_timeout_ms =
                                             (uint32_t)(script_duration(timeout) / 1000),
                                         .chroot_length = (uint32_t)script_number(l, "chroot", 0),
                                         .watch_budget = (uint32_t)script_number(l, "budget", 0),
                                         .lease = script_has(l, "lease")};

    rota_session_init(&s->session, &config);
}

static void *fixture_open(const void *context)
{
    struct fixture *s = calloc(1, sizeof *s);
    struct script_line none = {0};

    (void)context;
    rota_assert(s != NULL);
    s->now = 1000000;
    rota_pool_init(&s->memory);
    rota_outbox_init(&s->out);
    rota_outbox_init(&s->scratch);
    configure(s, &none);
    return s;
}

static void fixture_close(void *machine)
{
    struct fixture *s = machine;

    while (s->outstanding_count > 0)
        wording_outstanding_close(&s->outstanding[--s->outstanding_count]);
    rota_pool_close(&s->memory);
    rota_outbox_close(&s->out);
    rota_outbox_close(&s->scratch);
    free(s);
}

/* ---- after a step ---- */

static void print_event(struct script_text *t, const struct rota_event *e)
{
    static const char *const outcomes[] = {"done", "refused", "unknown"};
    static const char *const leases[] = {"good", "low", "over"};

    script_print(t, "< ");
    switch (e->kind) {
    case ROTA_EVENT_UP:
        script_print(t, "up: session %lld%s, timeout %u ms", (long long)e->up.session,
                     e->up.fresh ? " is new" : " is resumed", e->up.timeout_ms);
        break;
    case ROTA_EVENT_DOWN:
        if (e->down.rc == ROTA_ERR_OK)
            script_print(t, "down");
        else
            script_print(t, "down: %s", rota_error_name(e->down.rc));
        break;
    case ROTA_EVENT_LOST:
        script_print(t, "lost");
        break;
    case ROTA_EVENT_FAILED:
        script_print(t, "failed: %s", rota_error_name(e->failed.rc));
        break;
    case ROTA_EVENT_REPLY:
        script_print(t, "reply %llu: %s, %s", (unsigned long long)e->reply.body->tag,
                     outcomes[e->reply.outcome], rota_error_name(e->reply.body->rc));
        wording_bytes(t, e->reply.body->data.length > 0 ? e->reply.body->data : ROTA_NULL_BYTES);
        break;
    case ROTA_EVENT_WATCH:
        script_print(t, "watch %s", e->watch.path);
        break;
    default:
        rota_assert(e->kind == ROTA_EVENT_LEASE);
        script_print(t, "lease %s until %.3fs", leases[e->lease.state],
                     (double)e->lease.until / 1e6);
        break;
    }
    script_print(t, "\n");
}

/* Carries out the requests to the handle at once, as the driver does. */
static void carry_out(struct fixture *s, struct script_text *trace)
{
    for (; s->sent < s->out.length; s->sent++) {
        const struct rota_action *a = &s->out.actions[s->sent];

        script_print(trace, "> ");
        wording_action(trace, a);
        if (a->kind == ROTA_ACTION_OPEN) {
            rota_session_opened(&s->session, ++s->handle);
            continue;
        }
        rota_assert(s->outstanding_count < OUTSTANDING_MAX);
        s->outstanding[s->outstanding_count++] = wording_outstanding_open(&a->request);
    }
}

/* The step of the role on an event. */
static void step(struct fixture *s, const struct rota_event *e, struct script_text *trace)
{
    const char *next = s->next;

    print_event(trace, e);
    s->next = NULL;
    if (next != NULL && strcmp(next, "leave") == 0)
        rota_session_leave(&s->session, &s->out);
    else if (next != NULL)
        rota_session_restart(&s->session, &s->out);
}

static void give_all(struct fixture *s, struct script_text *trace)
{
    struct rota_event e;
    struct rota_reply body;

    carry_out(s, trace);
    while (rota_session_next(&s->session, &s->memory, s->now, &e, &body)) {
        step(s, &e, trace);
        carry_out(s, trace);
    }
    rota_session_check(&s->session, &s->memory);
    rota_outbox_reset(&s->out);
    s->sent = 0;
}

static void receive(struct fixture *s, const struct rota_handle_event *e, struct script_text *trace)
{
    struct rota_event to_role;

    if (rota_session_receive(&s->session, &s->memory, e, s->now, &to_role, &s->out))
        step(s, &to_role, trace);
    give_all(s, trace);
}

/* ---- commands ---- */

static void reply(struct fixture *s, const struct script_line *l, const char *arrow,
                  struct script_text *trace)
{
    const char *pattern =
        rota_outbox_text(&s->scratch, "%.*s", (int)(arrow - l->source), l->source);
    struct rota_handle_event e = {.kind = ROTA_HANDLE_REPLY, .handle = s->handle};
    enum rota_outcome ignored;
    struct script_line words;

    script_cut(&words, &s->scratch, arrow + strlen(" -> "));
    for (uint32_t i = 0; i < s->outstanding_count; i++) {
        struct wording_outstanding a = s->outstanding[i];

        if (!wording_matches(pattern, &a))
            continue;
        s->outstanding_count--;
        memmove(&s->outstanding[i], &s->outstanding[i + 1],
                (s->outstanding_count - i) * sizeof s->outstanding[0]);
        e.reply = *wording_to_reply(&words, 0, &a, &s->scratch, &ignored);
        wording_outstanding_close(&a);
        receive(s, &e, trace);
        return;
    }
    fail_msg("no such request is outstanding: `%s`", pattern);
}

static void watch(struct fixture *s, const struct script_line *l, uint32_t handle,
                  struct script_text *trace)
{
    static const char *const kinds[] = {"created", "deleted", "changed", "child"};
    struct rota_handle_event e = {.kind = ROTA_HANDLE_WATCH, .handle = handle};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (script_has(l, kinds[i]))
            e.watch.kind = (enum rota_watch_kind)(i + 1);
    e.watch.path = l->words[l->count - 1].text;
    receive(s, &e, trace);
}

static void send_request(struct fixture *s, const struct script_line *l, struct script_text *trace)
{
    struct rota_request r = wording_to_request(l, 2);

    r.tag = strtoull(l->words[1].text, NULL, 10);
    rota_session_send(&s->session, &s->memory, &r, s->now, &s->out);
    if (strcmp(l->words[0].text, "send") == 0)
        give_all(s, trace);
    else
        carry_out(s, trace);
}

static void tick(struct fixture *s, rota_time now, struct script_text *trace)
{
    s->now = now;
    rota_session_tick(&s->session, s->now, &s->out);
    give_all(s, trace);
}

static bool handle_event(struct fixture *s, const struct script_line *l, struct script_text *trace)
{
    struct rota_handle_event e = {0};

    e.handle = s->handle - script_has(l, "old");
    if (wording_to_session(l, &e)) {
        receive(s, &e, trace);
        return true;
    }
    if (!script_has(l, "watch"))
        return false;
    watch(s, l, e.handle, trace);
    return true;
}

static bool fixture_command(void *machine, const struct script_line *l, struct script_text *trace)
{
    struct fixture *s = machine;
    const char *arrow = strstr(l->source, " -> ");
    const char *what = l->words[0].text;

    rota_outbox_reset(&s->scratch);
    if (arrow != NULL) {
        reply(s, l, arrow, trace);
    } else if (strcmp(what, "new") == 0) {
        configure(s, l);
    } else if (strcmp(what, "begin") == 0) {
        rota_session_begin(&s->session, s->now, &s->out);
        give_all(s, trace);
    } else if (strcmp(what, "send") == 0 || strcmp(what, "queue") == 0) {
        send_request(s, l, trace);
    } else if (strcmp(what, "restart") == 0) {
        rota_session_restart(&s->session, &s->out);
        give_all(s, trace);
    } else if (strcmp(what, "next") == 0) {
        s->next = script_has(l, "leave") ? "leave" : "restart";
    } else if (strcmp(what, "leave") == 0) {
        rota_session_leave(&s->session, &s->out);
        give_all(s, trace);
    } else if (strcmp(what, "wait") == 0) {
        tick(s, s->now + script_duration(l->words[1].text), trace);
    } else if (strcmp(what, "tick") == 0) {
        rota_time when = rota_session_deadline(&s->session);

        if (when == ROTA_NEVER)
            fail_msg("the session waits for no time");
        script_print(trace, "at %.3fs\n", (double)when / 1e6);
        tick(s, when, trace);
    } else if (strcmp(what, "bytes") == 0) {
        script_print(trace, "%u bytes of watches\n", rota_session_watch_bytes(&s->session));
    } else if (strcmp(what, "gone") == 0) {
        script_print(trace, s->session.phase == ROTA_PHASE_GONE ? "yes\n" : "no\n");
    } else {
        return handle_event(s, l, trace);
    }
    return true;
}

int main(void)
{
    static const struct script_machine machine = {NULL, fixture_open, fixture_close,
                                                  fixture_command};

    return script_main(ROTA_SCRIPTS "/session.txt", &machine);
}
