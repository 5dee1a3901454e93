#include "tests/unit/model/script/role.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/assert.h"
#include "tests/unit/model/script/wording.h"

enum { OUTSTANDING_MAX = 8192, ROW_SHOWN = 9 };

/* The role under test. */
struct fixture {
    const struct role *role;
    void *state;
    struct rota_pool memory;
    struct rota_outbox out;
    struct rota_outbox scratch; /* data of events */
    rota_time now;
    rota_time wake;
    struct wording_outstanding outstanding[OUTSTANDING_MAX]; /* oldest first */
    uint32_t outstanding_count;
};

void role_text(char *field, size_t size, const char *text)
{
    snprintf(field, size, "%s", text);
}

static void *fixture_open(const void *role)
{
    struct fixture *s = calloc(1, sizeof *s);
    struct script_line none = {0};

    rota_assert(s != NULL);
    s->role = role;
    s->state = calloc(1, s->role->size);
    rota_assert(s->state != NULL);
    s->now = 1000000;
    s->wake = ROTA_NEVER;
    rota_pool_init(&s->memory);
    rota_outbox_init(&s->out);
    rota_outbox_init(&s->scratch);
    s->role->init(s->state, &none);
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
    free(s->state);
    free(s);
}

/* Replaces the role by a copy: its state is plain data without addresses. */
static void move_on(struct fixture *s)
{
    void *state = malloc(s->role->size);
    struct rota_pool memory;

    rota_assert(state != NULL);
    memcpy(state, s->state, s->role->size);
    rota_pool_init(&memory);
    rota_pool_copy(&memory, &s->memory);
    rota_pool_close(&s->memory);
    free(s->state);
    s->state = state;
    s->memory = memory;
}

/* The number of consecutive actions of one kind from `i` on. */
static uint32_t row_length(const struct rota_outbox *o, uint32_t i)
{
    const struct rota_action *first = &o->actions[i];
    uint32_t k = i + 1;

    while (k < o->length && o->actions[k].kind == first->kind &&
           (first->kind != ROTA_ACTION_REQUEST ||
            first->request.operation.op == o->actions[k].request.operation.op))
        k++;
    return k - i;
}

/* Prints the actions; of many consecutive ones of one kind only the first. */
static void print_actions(const struct rota_outbox *o, struct script_text *trace)
{
    for (uint32_t i = 0, row; i < o->length; i += row) {
        uint32_t shown;

        row = row_length(o, i);
        shown = row > ROW_SHOWN ? ROW_SHOWN / 3 : row;
        for (uint32_t k = 0; k < shown; k++)
            wording_action(trace, &o->actions[i + k]);
        if (shown < row)
            script_print(trace, "and %u more of the kind\n", row - shown);
    }
}

static void step(struct fixture *s, struct rota_event *event, struct script_text *trace)
{
    event->now = s->now;
    rota_outbox_reset(&s->out);
    s->role->step(s->state, &s->memory, event, &s->out);
    if (s->role->check != NULL)
        s->role->check(s->state, &s->memory);
    print_actions(&s->out, trace);
    for (uint32_t i = 0; i < s->out.length; i++) {
        if (s->out.actions[i].kind != ROTA_ACTION_REQUEST)
            continue;
        rota_assert(s->outstanding_count < OUTSTANDING_MAX);
        s->outstanding[s->outstanding_count++] =
            wording_outstanding_open(&s->out.actions[i].request);
    }
    if (s->out.wake != s->wake && s->out.wake != ROTA_NEVER)
        script_print(trace, "wake at %.3fs\n", (double)s->out.wake / 1e6);
    s->wake = s->out.wake;
    move_on(s);
}

/* ---- replies ---- */

static struct wording_outstanding outstanding_take(struct fixture *s, uint32_t i)
{
    struct wording_outstanding a = s->outstanding[i];

    s->outstanding_count--;
    memmove(&s->outstanding[i], &s->outstanding[i + 1],
            (s->outstanding_count - i) * sizeof s->outstanding[0]);
    return a;
}

static void answer(struct fixture *s, uint32_t i, const struct script_line *words,
                   struct script_text *trace)
{
    struct wording_outstanding a = outstanding_take(s, i);
    struct rota_event e = {.kind = ROTA_EVENT_REPLY};

    e.reply.body = wording_to_reply(words, 0, &a, &s->scratch, &e.reply.outcome);
    step(s, &e, trace);
    wording_outstanding_close(&a);
}

static void reply(struct fixture *s, const char *text, const char *arrow, struct script_text *trace)
{
    const char *pattern = rota_outbox_text(&s->scratch, "%.*s", (int)(arrow - text), text);
    struct script_line words;

    script_cut(&words, &s->scratch, arrow + strlen(" -> "));
    if (strcmp(pattern, "all") == 0) {
        for (uint32_t n = s->outstanding_count; n > 0; n--)
            answer(s, 0, &words, trace);
        return;
    }
    for (uint32_t i = 0; i < s->outstanding_count; i++) {
        if (wording_matches(pattern, &s->outstanding[i])) {
            answer(s, i, &words, trace);
            return;
        }
    }
    script_print(trace, "NO SUCH REQUEST IS OUTSTANDING:\n");
    for (uint32_t i = 0; i < s->outstanding_count; i++)
        script_print(trace, "- %s\n", s->outstanding[i].text);
}

/* ---- other events ---- */

static const char *word(const struct script_line *l, uint32_t i)
{
    if (i >= l->count)
        fail_msg("`%s`: a word is missing", l->source);
    return l->words[i].text;
}

static uint32_t index_in(const char *const *names, const char *name)
{
    for (uint32_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fail_msg("`%s` is not one of `%s`, ...", name, names[0]);
    return 0;
}

static void set_watch(struct rota_event *e, const struct script_line *l)
{
    static const char *const kinds[] = {"", "created", "deleted", "changed", "child", NULL};

    e->kind = ROTA_EVENT_WATCH;
    e->watch.kind = (enum rota_watch_kind)index_in(kinds, word(l, 1));
    e->watch.path = word(l, 2);
}

static void set_lease(struct rota_event *e, const struct script_line *l)
{
    static const char *const states[] = {"good", "low", "over", NULL};

    e->kind = ROTA_EVENT_LEASE;
    e->lease.state = (enum rota_lease)index_in(states, word(l, 1));
    e->lease.until = script_duration(script_value(l, "until", "0s"));
}

static void set_finished(struct rota_event *e, const struct script_line *l)
{
    static const char *const endings[] = {"success", "failure", "stopped", NULL};

    e->kind = ROTA_EVENT_FINISHED;
    e->finished.run = strtoull(word(l, 1), NULL, 10);
    e->finished.ending = (enum rota_ending)index_in(endings, word(l, 2));
    e->finished.exit_status = (int32_t)script_number(l, "status", 0);
    e->finished.hopeless = script_number(l, "hopeless", 0) != 0;
    if (e->finished.ending == ROTA_ENDING_FAILURE) {
        e->finished.reason = l->words[3].quoted ? l->words[3].text : NULL;
        e->finished.output = script_data(l, 4);
        e->finished.errors = script_data(l, 5);
    } else {
        e->finished.output = script_data(l, 3);
        e->finished.errors = script_data(l, 4);
    }
}

static void set_progress(struct rota_event *e, const struct script_line *l)
{
    e->kind = ROTA_EVENT_PROGRESS;
    e->progress.run = strtoull(word(l, 1), NULL, 10);
    e->progress.line = word(l, 2);
}

static void set_job(struct rota_event *e, const struct script_line *l, enum rota_event_kind kind)
{
    e->kind = kind;
    e->job.job = strtoull(word(l, 1), NULL, 10);
    e->job.name = kind == ROTA_EVENT_WAIT ? word(l, 2) : script_value(l, "name", NULL);
    e->job.payload = script_data(l, 2);
    e->job.refusal = script_value(l, "refusal", NULL);
}

static void set_up(struct rota_event *e, const struct script_line *l)
{
    e->kind = ROTA_EVENT_UP;
    e->up.fresh = !script_has(l, "again");
    e->up.session = script_number(l, "session", 7);
    e->up.timeout_ms = (uint32_t)(script_duration(script_value(l, "timeout", "10s")) / 1000);
}

bool role_event(struct rota_event *e, const struct script_line *l)
{
    const char *what = word(l, 0);

    if (strcmp(what, "start") == 0) {
        e->kind = ROTA_EVENT_START;
    } else if (strcmp(what, "up") == 0) {
        set_up(e, l);
    } else if (strcmp(what, "down") == 0) {
        e->kind = ROTA_EVENT_DOWN;
    } else if (strcmp(what, "lost") == 0) {
        e->kind = ROTA_EVENT_LOST;
    } else if (strcmp(what, "failed") == 0) {
        e->kind = ROTA_EVENT_FAILED;
        e->failed.rc = ROTA_ERR_CONNECTION_LOSS;
    } else if (strcmp(what, "stop") == 0) {
        e->kind = ROTA_EVENT_STOP;
    } else if (strcmp(what, "close_input") == 0) {
        e->kind = ROTA_EVENT_CLOSE_INPUT;
    } else if (strcmp(what, "watch") == 0) {
        set_watch(e, l);
    } else if (strcmp(what, "lease") == 0) {
        set_lease(e, l);
    } else if (strcmp(what, "finished") == 0) {
        set_finished(e, l);
    } else if (strcmp(what, "progress") == 0) {
        set_progress(e, l);
    } else if (strcmp(what, "submit") == 0) {
        set_job(e, l, ROTA_EVENT_SUBMIT);
    } else if (strcmp(what, "want") == 0) {
        set_job(e, l, ROTA_EVENT_WAIT);
    } else if (strcmp(what, "collect") == 0) {
        set_job(e, l, ROTA_EVENT_COLLECT);
    } else {
        return false;
    }
    return true;
}

static void pass_time(struct fixture *s, rota_time until, struct script_text *trace)
{
    struct rota_event e = {.kind = ROTA_EVENT_TICK};

    s->now = until;
    if (s->now >= s->wake)
        step(s, &e, trace);
}

static bool fixture_command(void *machine, const struct script_line *l, struct script_text *trace)
{
    struct fixture *s = machine;
    const char *arrow = strstr(l->source, " -> ");
    struct rota_event e = {0};

    rota_outbox_reset(&s->scratch);
    if (arrow != NULL) {
        reply(s, l->source, arrow, trace);
    } else if (strcmp(word(l, 0), "new") == 0) {
        s->role->init(s->state, l);
    } else if (strcmp(word(l, 0), "wait") == 0) {
        pass_time(s, s->now + script_duration(word(l, 1)), trace);
    } else if (strcmp(word(l, 0), "tick") == 0) {
        if (s->wake == ROTA_NEVER)
            fail_msg("the role did not ask for a TICK");
        pass_time(s, s->wake, trace);
    } else if (role_event(&e, l)) {
        step(s, &e, trace);
    } else {
        return false;
    }
    return true;
}

int role_main(const char *path, const struct role *role)
{
    const struct script_machine machine = {role, fixture_open, fixture_close, fixture_command};

    return script_main(path, &machine);
}
