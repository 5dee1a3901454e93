#include "harness/play/zk_sessions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/zkcli/transcript.h"
#include "model/base/assert.h"

#define SECOND INT64_C(1000000)

/* How long is waited for a server, for the end of a command, and for what it has set off. */
#define CONNECT_US (30 * SECOND)
#define COMMAND_US (60 * SECOND)
#define OUTPUT_US  (10 * SECOND)

/* How long a session listens that is expected to hear nothing. */
#define SILENCE_US SECOND

typedef bool (*there_f)(const struct rota_zkcli *z, const struct rota_statement *st);

static bool served(const struct rota_zkcli *z, const struct rota_statement *st)
{
    (void)st;
    return rota_zkcli_connected(z) || rota_zkcli_ended(z);
}

static bool idle(const struct rota_zkcli *z, const struct rota_statement *st)
{
    (void)st;
    return !rota_zkcli_busy(z);
}

static bool complete(const struct rota_zkcli *z, const struct rota_statement *st)
{
    size_t length;

    return rota_transcript_matches(st->expected, rota_zkcli_text(z, &length));
}

static bool noisy(const struct rota_zkcli *z, const struct rota_statement *st)
{
    size_t length;

    (void)st;
    rota_zkcli_text(z, &length);
    return length > 0;
}

/* Lets time pass until something is there, for `span` at most. */
static bool wait_until(struct rota_zk_sessions *t, uint32_t seat, there_f there,
                       const struct rota_statement *st, rota_time span)
{
    rota_time until = t->ops->now(t->context) + span;

    while (!there(t->seats[seat], st)) {
        if (!t->ops->step(t->context, until))
            return there(t->seats[seat], st);
    }
    return true;
}

static enum rota_zk_session_result fail(enum rota_zk_session_result typed, char **report,
                                        const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum rota_zk_session_result fail(enum rota_zk_session_result typed, char **report,
                                        const char *format, ...)
{
    va_list arguments;
    size_t size;
    FILE *out = open_memstream(report, &size);

    rota_assert(out != NULL);
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    fclose(out);
    return typed;
}

static enum rota_zk_session_result open_seat(struct rota_zk_sessions *t,
                                             const struct rota_statement *st, char **report)
{
    uint32_t seat = st->session - 1;
    struct rota_zkcli_config config = {0};
    char name[16];
    char reason[512];

    if (t->seats[seat] == NULL) {
        config.backend = t->ops->open(t->context, seat, reason, sizeof reason);
        if (config.backend == NULL)
            return fail(ROTA_ZK_SESSION_SILENT, report, "z%u: %s", st->session, reason);
        snprintf(name, sizeof name, "z%u", st->session);
        config.name = name;
        t->seats[seat] = rota_zkcli_open(&config);
        t->ops->hear(t->context, seat);
    }
    if (!wait_until(t, seat, served, st, CONNECT_US))
        return fail(ROTA_ZK_SESSION_SILENT, report, "z%u: no server has answered within %d s",
                    st->session, (int)(CONNECT_US / SECOND));
    return ROTA_ZK_SESSION_RIGHT;
}

static void close_seat(struct rota_zk_sessions *t, uint32_t seat)
{
    if (t->seats[seat] == NULL)
        return;
    rota_zkcli_close(t->seats[seat]);
    t->seats[seat] = NULL;
    t->ops->close(t->context, seat);
}

static enum rota_zk_session_result type_in(struct rota_zk_sessions *t,
                                           const struct rota_statement *st, char **report)
{
    uint32_t seat = st->session - 1;

    rota_zkcli_command(t->seats[seat], st->command, strlen(st->command));
    t->ops->hear(t->context, seat);
    if (!wait_until(t, seat, idle, st, COMMAND_US))
        return fail(ROTA_ZK_SESSION_SILENT, report, "z%u: the command does not end within %d s",
                    st->session, (int)(COMMAND_US / SECOND));
    return ROTA_ZK_SESSION_RIGHT;
}

static enum rota_zk_session_result compare(const struct rota_zkcli *z,
                                           const struct rota_statement *st, char **report)
{
    size_t length;
    const char *printed = rota_zkcli_text(z, &length);
    char *difference = NULL;
    FILE *out = open_memstream(&difference, &length);
    uint32_t line;

    rota_assert(out != NULL);
    line = rota_transcript_compare(out, st->expected, printed, st->block);
    fclose(out);
    fail(ROTA_ZK_SESSION_WRONG, report,
         "z%u printed something else than what is expected from line %u on:\n%.*s", st->session,
         line, (int)length - 1, difference);
    free(difference);
    return ROTA_ZK_SESSION_WRONG;
}

enum rota_zk_session_result rota_zk_sessions_carry_out(struct rota_zk_sessions *t,
                                                       const struct rota_statement *st,
                                                       char **report)
{
    uint32_t seat = st->session - 1;
    enum rota_zk_session_result typed;

    rota_assert(seat < t->count);
    typed = open_seat(t, st, report);
    if (typed == ROTA_ZK_SESSION_RIGHT && st->command != NULL)
        typed = type_in(t, st, report);
    if (typed != ROTA_ZK_SESSION_RIGHT)
        return typed;
    if (st->command == NULL && st->expected[0] == '\0')
        wait_until(t, seat, noisy, st, SILENCE_US);
    if (!wait_until(t, seat, complete, st, OUTPUT_US))
        return compare(t->seats[seat], st, report);
    rota_zkcli_forget_text(t->seats[seat]);
    if (rota_zkcli_quit(t->seats[seat]))
        close_seat(t, seat);
    return ROTA_ZK_SESSION_RIGHT;
}

void rota_zk_sessions_handle_event(struct rota_zk_sessions *t, uint32_t seat,
                                   const struct rota_handle_event *event)
{
    if (t->seats[seat] != NULL)
        rota_zkcli_handle_event(t->seats[seat], event);
}

void rota_zk_sessions_init(struct rota_zk_sessions *t, const struct rota_scenario *s,
                           const struct rota_zk_sessions_ops *ops, void *context)
{
    *t = (struct rota_zk_sessions){.ops = ops, .context = context};
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->statements[i].session > t->count)
            t->count = s->statements[i].session;
    }
    t->seats = calloc(t->count + 1, sizeof(struct rota_zkcli *));
    rota_assert(t->seats != NULL);
}

void rota_zk_sessions_close(struct rota_zk_sessions *t)
{
    for (uint32_t i = 0; i < t->count; i++)
        close_seat(t, i);
    free(t->seats);
}
