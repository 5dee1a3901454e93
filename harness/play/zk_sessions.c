#include "harness/play/zk_sessions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/zkcli/transcript.h"
#include "model/base/assert.h"
#include "system/memory.h"

#define SECOND INT64_C(1000000)

/* How long to wait for a server, for the end of a command, and for the output that it causes. */
#define CONNECT_US (30 * SECOND)
#define COMMAND_US (60 * SECOND)
#define OUTPUT_US  (10 * SECOND)

/* How long a session listens when no output is expected. */
#define SILENCE_US SECOND

typedef bool (*test_f)(const struct rota_zkcli *z, const struct rota_statement *st);

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

/* Lets time pass until `test` is true, for `span` at most. */
static bool wait_until(struct rota_zk_sessions *zs, uint32_t index, test_f test,
                       const struct rota_statement *st, rota_time span)
{
    rota_time until = zs->ops->now(zs->context) + span;

    while (!test(zs->open_sessions[index], st))
        if (!zs->ops->step(zs->context, until))
            return test(zs->open_sessions[index], st);
    return true;
}

static enum rota_zk_session_result fail(enum rota_zk_session_result result, char **report,
                                        const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum rota_zk_session_result fail(enum rota_zk_session_result result, char **report,
                                        const char *format, ...)
{
    va_list arguments;
    size_t size;
    FILE *out = open_memstream(report, &size);

    if (out == NULL)
        rota_memory_exhausted();
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
    fclose(out);
    return result;
}

static enum rota_zk_session_result open_session(struct rota_zk_sessions *zs,
                                                const struct rota_statement *st, char **report)
{
    uint32_t index = st->session - 1;
    struct rota_zkcli_config config = {0};
    char name[16];
    char reason[512];

    if (zs->open_sessions[index] == NULL) {
        config.backend = zs->ops->open(zs->context, index, reason, sizeof reason);
        if (config.backend == NULL)
            return fail(ROTA_ZK_SESSION_SILENT, report, "z%u: %s", st->session, reason);
        snprintf(name, sizeof name, "z%u", st->session);
        config.name = name;
        zs->open_sessions[index] = rota_zkcli_open(&config);
        zs->ops->deliver(zs->context, index);
    }
    if (!wait_until(zs, index, served, st, CONNECT_US))
        return fail(ROTA_ZK_SESSION_SILENT, report, "z%u: no server answered within %d s",
                    st->session, (int)(CONNECT_US / SECOND));
    return ROTA_ZK_SESSION_RIGHT;
}

static void close_session(struct rota_zk_sessions *zs, uint32_t index)
{
    if (zs->open_sessions[index] == NULL)
        return;
    rota_zkcli_close(zs->open_sessions[index]);
    zs->open_sessions[index] = NULL;
    zs->ops->close(zs->context, index);
}

static enum rota_zk_session_result type_in(struct rota_zk_sessions *zs,
                                           const struct rota_statement *st, char **report)
{
    uint32_t index = st->session - 1;

    rota_zkcli_command(zs->open_sessions[index], st->command, strlen(st->command));
    zs->ops->deliver(zs->context, index);
    if (!wait_until(zs, index, idle, st, COMMAND_US))
        return fail(ROTA_ZK_SESSION_SILENT, report, "z%u: the command did not end within %d s",
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

    if (out == NULL)
        rota_memory_exhausted();
    line = rota_transcript_compare(out, st->expected, printed, st->block);
    fclose(out);
    fail(ROTA_ZK_SESSION_WRONG, report,
         "the output of z%u differs from what is expected from line %u on:\n%.*s", st->session,
         line, (int)length - 1, difference);
    free(difference);
    return ROTA_ZK_SESSION_WRONG;
}

enum rota_zk_session_result rota_zk_sessions_carry_out(struct rota_zk_sessions *zs,
                                                       const struct rota_statement *st,
                                                       char **report)
{
    uint32_t index = st->session - 1;
    enum rota_zk_session_result result;

    rota_assert(index < zs->count);
    result = open_session(zs, st, report);
    if (result == ROTA_ZK_SESSION_RIGHT && st->command != NULL)
        result = type_in(zs, st, report);
    if (result != ROTA_ZK_SESSION_RIGHT)
        return result;
    if (st->command == NULL && st->expected[0] == '\0')
        wait_until(zs, index, noisy, st, SILENCE_US);
    if (!wait_until(zs, index, complete, st, OUTPUT_US))
        return compare(zs->open_sessions[index], st, report);
    rota_zkcli_forget_text(zs->open_sessions[index]);
    if (rota_zkcli_quit(zs->open_sessions[index]))
        close_session(zs, index);
    return ROTA_ZK_SESSION_RIGHT;
}

void rota_zk_sessions_handle_event(struct rota_zk_sessions *zs, uint32_t index,
                                   const struct rota_handle_event *event)
{
    if (zs->open_sessions[index] != NULL)
        rota_zkcli_handle_event(zs->open_sessions[index], event);
}

void rota_zk_sessions_init(struct rota_zk_sessions *zs, const struct rota_scenario *s,
                           const struct rota_zk_sessions_ops *ops, void *context)
{
    *zs = (struct rota_zk_sessions){.ops = ops, .context = context};
    for (uint32_t i = 0; i < s->count; i++)
        if (s->statements[i].session > zs->count)
            zs->count = s->statements[i].session;
    zs->open_sessions = rota_memory_zeroed(zs->count, sizeof *zs->open_sessions);
}

void rota_zk_sessions_close(struct rota_zk_sessions *zs)
{
    for (uint32_t i = 0; i < zs->count; i++)
        close_session(zs, i);
    free(zs->open_sessions);
}
